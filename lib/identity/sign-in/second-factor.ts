import type { RegistrationResponseJSON } from "@simplewebauthn/server";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { RelyingParty } from "@/lib/domain/people/relying-party";
import {
  type BeginResult,
  beginEnrolment,
  type ConfirmResult,
  confirmEnrolment,
} from "@/lib/identity/factors/authenticator";
import { entryOf } from "@/lib/identity/factors/factor-events";
import { factorState } from "@/lib/identity/factors/factor-state";
import { firstFactorState } from "@/lib/identity/factors/first-factor";
import {
  type BeginPasskeyResult,
  beginPasskey,
  type ConfirmPasskeyResult,
  confirmPasskey,
} from "@/lib/identity/factors/passkey-registration";
import { lockFactor, verifyFactor } from "@/lib/identity/factors/verify-factor";
import {
  type AwaitingCaller,
  findAwaiting,
  lockAwaiting,
  openAwaiting,
} from "@/lib/identity/sessions/awaiting-session";
import { rememberDevice } from "@/lib/identity/sessions/known-device";
import type { Origin, SessionToken } from "@/lib/identity/sessions/sessions";
import { busyMessage, inSignInTurn } from "@/lib/identity/sessions/sign-in-turns";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { SessionSecrets } from "@/lib/platform/configuration";
import type { Database, Transaction } from "@/lib/platform/database";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** A browser that sent the right password: its token, its network and zone, and the cookie by which it is known. */
export interface Awaiting {
  readonly token: SessionToken;
  readonly origin: Origin;
  readonly device: string | null;
}

/** The part of the configuration that the sign-in needs. */
interface Keys {
  readonly sessionSecrets: SessionSecrets;
  readonly encryptionKeys: EncryptionKeys;
}

export type SecondFactorResult =
  | { readonly ok: true; readonly token: SessionToken; readonly device: string }
  /** `over`: this sign-in no longer awaits anything, and begins again with the password. */
  | { readonly ok: false; readonly over: boolean; readonly message: string };

const over: SecondFactorResult = {
  ok: false,
  over: true,
  message: "This sign-in took too long, or has ended. Sign in again.",
};

/** What a browser is asked for after the right password; null if nothing is awaited from it. */
export async function secondFactorAwaited(database: Database, token: SessionToken, origin: Origin) {
  const caller = await findAwaiting(database, token, origin);
  if (!caller) return null;
  const factor = await factorState(database, caller);
  const first = await firstFactorState(database.client, caller);
  const { authenticatorAppsConfirm } = await readSignInRules(database.client);
  return { email: caller.email, factor, first, appsAccepted: authenticatorAppsConfirm };
}

/**
 * Signs in the person who typed the right password in this browser and now a code of their app, or one of their
 * recovery codes. The code is used up and confirms nothing else. Wrong codes count like those of a step-up.
 */
export function signInWithCode(
  database: Database,
  keys: Keys,
  { token, origin, device }: Awaiting,
  code: string,
): Promise<SecondFactorResult> {
  const attempt = () =>
    inTransaction(database, async (transaction): Promise<SecondFactorResult> => {
      const caller = await lockAwaiting(transaction, token, origin);
      const factor = caller && (await lockFactor(transaction, caller, caller.sessionId));
      // Another answer of this browser may have come first.
      if (!caller || !(await lockAwaiting(transaction, token, origin))) return over;
      const shown = await verifyFactor(transaction, keys.encryptionKeys, caller, factor, code, "SignIn");
      if (shown.ok) {
        await shown.noted;
        return opened(transaction, keys, caller, device, shown.method);
      }
      if (!shown.noCode)
        await recordAuditEvent(transaction, {
          ...{ ...entryOf(caller, "StepUpFailed"), outcome: "Failure" },
          details: { operation: "SignIn", error: shown.error.code },
        });
      return { ok: false, over: false, message: shown.error.message };
    });
  return inSignInTurn(origin, attempt, { ok: false, over: false, message: busyMessage });
}

/** Creates the key of a first authenticator app for somebody who signs in and has no factor, as `beginEnrolment` does. */
export async function beginFactorAtSignIn(
  database: Database,
  keys: Keys,
  { token, origin }: Awaiting,
  pass: string,
): Promise<BeginResult | null> {
  const caller = await findAwaiting(database, token, origin);
  if (!caller) return null;
  // The password was typed in this browser, minutes ago.
  const input = { proofId: null, reauthenticated: true, pass };
  return beginEnrolment(database, keys.encryptionKeys, caller, input);
}

/**
 * Confirms that app with one of its codes, and signs in. For this, a first factor counts even if it has
 * to wait otherwise.
 */
export async function confirmFactorAtSignIn(
  database: Database,
  keys: Keys,
  { token, origin, device }: Awaiting,
  code: string,
): Promise<{ readonly confirmed: ConfirmResult; readonly signedIn: SecondFactorResult } | null> {
  const caller = await findAwaiting(database, token, origin);
  if (!caller) return null;
  const confirmed = await confirmEnrolment(database, keys.encryptionKeys, caller, code);
  if (!confirmed.ok) return { confirmed, signedIn: over };
  return { confirmed, signedIn: await openLocked(database, keys, { token, origin, device }, "Totp") };
}

/** Prepares a first passkey for somebody who signs in and has no factor that counts, as `beginPasskey` does. */
export async function beginPasskeyAtSignIn(
  database: Database,
  party: RelyingParty,
  { token, origin }: Awaiting,
  pass: string,
): Promise<BeginPasskeyResult | null> {
  const caller = await findAwaiting(database, token, origin);
  if (!caller) return null;
  return beginPasskey(database, party, caller, { proofId: null, reauthenticated: true, pass });
}

/** Registers that passkey, and signs in. For this, a first factor counts even if it has to wait otherwise. */
export async function confirmPasskeyAtSignIn(
  database: Database,
  { sessionSecrets, party }: Pick<Keys, "sessionSecrets"> & { readonly party: RelyingParty },
  { token, origin, device }: Awaiting,
  made: { readonly name: string; readonly response: RegistrationResponseJSON },
): Promise<{ readonly confirmed: ConfirmPasskeyResult; readonly signedIn: SecondFactorResult } | null> {
  const caller = await findAwaiting(database, token, origin);
  if (!caller) return null;
  const confirmed = await confirmPasskey(database, party, caller, made);
  if (!confirmed.ok) return { confirmed, signedIn: over };
  return {
    confirmed,
    signedIn: await openLocked(database, { sessionSecrets }, { token, origin, device }, "Passkey"),
  };
}

/** Signs in the person who has just set up a factor in this browser. */
function openLocked(
  database: Database,
  keys: Pick<Keys, "sessionSecrets">,
  { token, origin, device }: Awaiting,
  factor: "Totp" | "Passkey",
): Promise<SecondFactorResult> {
  return inTransaction(database, async (transaction) => {
    const caller = await lockAwaiting(transaction, token, origin);
    return caller ? opened(transaction, keys, caller, device, factor) : over;
  });
}

async function opened(
  transaction: Transaction,
  { sessionSecrets }: Pick<Keys, "sessionSecrets">,
  caller: AwaitingCaller,
  device: string | null,
  factor: "Totp" | "RecoveryCode" | "Passkey",
): Promise<SecondFactorResult> {
  const token = await openAwaiting(transaction, caller);
  if (!token) return over;
  await recordAuditEvent(transaction, {
    ...{ kind: "SignIn", outcome: "Success", caller, factor },
    details: { method: "Password" },
  });
  const known = rememberDevice(sessionSecrets, device, caller.userId, await databaseNow(transaction));
  return { ok: true, token, device: known };
}
