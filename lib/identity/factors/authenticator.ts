import { generateSecret, generateURI } from "otplib";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { spendProof } from "@/lib/authority/spend-proof";
import { noAppsAccepted } from "@/lib/domain/people/sign-in-rules";
import { attemptsBeforeLock, provenStep } from "@/lib/domain/people/totp";
import { codeOf, isAppCode } from "@/lib/domain/people/typed-code";
import { entryOf, recordUnproved } from "@/lib/identity/factors/factor-events";
import { hasFactorInForce, provedAsAccepted } from "@/lib/identity/factors/factors-in-force";
import {
  beginFirstFactor,
  confirmFirstFactor,
  firstFactorDetails,
  notFirst,
} from "@/lib/identity/factors/first-factor";
import { replaceCodes } from "@/lib/identity/factors/recovery-codes";
import { lockPerson, sessionToCommit } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { type EncryptionKeys, seal, unsealed } from "@/lib/platform/secrets";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** How many minutes a new key waits to be confirmed. */
const pendingMinutes = 10;

/** Since when the caller has a confirmed authenticator app, and how many recovery codes are left. Null without an app. */
export async function readFactors(database: Database, caller: Caller) {
  const factor = await database.client.totpFactor.findFirst({
    where: { userId: caller.userId, removedAt: null, confirmedAt: { not: null } },
    select: { confirmedAt: true, lastUsedAt: true },
  });
  const where = { userId: caller.userId, usedAt: null, replacedAt: null };
  return { factor, recoveryCodesLeft: await database.client.recoveryCode.count({ where }) };
}

export interface BeginInput {
  readonly proofId: string | null;
  /** The password was typed again just now. */
  readonly reauthenticated: boolean;
  /** A one-time pass as it was typed, for a first factor. Empty without one. */
  readonly pass: string;
}

export type BeginResult =
  | { readonly ok: true; readonly secret: string; readonly uri: string }
  | { readonly ok: false; readonly field: "oldCode" | "password" | "pass"; readonly message: string };

/**
 * Creates a key for a new authenticator app. The caller has just proved their identity: with the factor
 * in force, whose proof for `ReplaceAuthenticator` is spent here, or without a factor, with their
 * password and what the sign-in rules require. The key is returned once and never shown again. It
 * belongs to this session, waits ten minutes for confirmation, and replaces any other waiting key. The
 * database drops it when the session ends, the password changes or a sign-in is issued.
 */
export async function beginEnrolment(
  database: Database,
  keys: EncryptionKeys,
  caller: Caller,
  input: BeginInput,
): Promise<BeginResult> {
  const result = await inTransaction(database, async (transaction): Promise<BeginResult> => {
    await lockPerson(transaction, caller.userId);
    if (!(await sessionToCommit(transaction, caller)))
      return { ok: false, field: "password", message: "This session has ended. Sign in again." };
    const { authenticatorAppsConfirm, installationName: issuer } = await readSignInRules(transaction);
    if (!authenticatorAppsConfirm) return { ok: false, field: "oldCode", message: noAppsAccepted };
    const unremoved = { userId: caller.userId, removedAt: null };
    const current = await transaction.totpFactor.findFirst({
      where: { ...unremoved, confirmedAt: { not: null } },
      select: { id: true },
    });
    // A passkey counts as well: adding an app beside it requires a proof, not the password.
    const proved = await hasFactorInForce(transaction, caller);
    const proof = proved
      ? await spendProof(transaction, caller, input.proofId, { kind: "ReplaceAuthenticator" })
      : null;
    if (proved && !proof) {
      const message = current
        ? "Enter a code of the app that you have now, or a recovery code."
        : "Verify your identity with your passkey.";
      return { ok: false, field: "oldCode", message };
    }
    if (!proved && !input.reauthenticated)
      return { ok: false, field: "password", message: "Enter your password." };
    const first = proved
      ? null
      : await beginFirstFactor(transaction, caller, input.pass, "AuthenticatorEnrolled");
    if (first?.ok === false) return { ok: false, field: "pass", message: first.message };
    await transaction.totpFactor.deleteMany({ where: { ...unremoved, confirmedAt: null } });
    const secret = generateSecret();
    await transaction.totpFactor.create({
      data: {
        userId: caller.userId,
        sessionId: caller.sessionId,
        proofId: proof?.id ?? null,
        passId: first?.passId ?? null,
        createdAt: await databaseNow(transaction),
        ...seal(keys, secret, caller.userId),
      },
    });
    return { ok: true, secret, uri: generateURI({ issuer, label: caller.email, secret }) };
  });
  if (!result.ok && result.field === "oldCode")
    await recordUnproved(database, caller, "AuthenticatorReplaced");
  return result;
}

export type ConfirmResult =
  | { readonly ok: true; readonly recoveryCodes: string[] | null }
  | { readonly ok: false; readonly startAgain: boolean; readonly message: string };

const noKey: ConfirmResult = {
  ok: false,
  startAgain: true,
  message: "This key is no longer valid. Start again to get a new one.",
};

/**
 * Confirms the new authenticator app with one of its codes, in the session in which the key was
 * created. It replaces the app in force. The first enrolment returns ten recovery codes, which are
 * never shown again. Five wrong codes end the key.
 */
export function confirmEnrolment(
  database: Database,
  keys: EncryptionKeys,
  caller: Caller,
  code: string,
): Promise<ConfirmResult> {
  return inTransaction(database, async (transaction): Promise<ConfirmResult> => {
    await lockPerson(transaction, caller.userId);
    const pending = await lockPending(transaction, caller);
    if (!pending || !(await sessionToCommit(transaction, caller))) return noKey;
    const current = await transaction.totpFactor.findFirst({
      where: { userId: caller.userId, removedAt: null, confirmedAt: { not: null } },
      select: { id: true },
    });
    // The rules are locked until the commit, so no app is set up after an edit that excludes apps.
    const { authenticatorAppsConfirm } = await readSignInRules(transaction, "shared");
    // A key that was created without a factor in force must not be added beside one, and the other way
    // round.
    if (
      !authenticatorAppsConfirm ||
      !(await provedAsAccepted(transaction, pending.askedBy)) ||
      (await hasFactorInForce(transaction, caller)) !== (pending.askedBy !== null)
    ) {
      await transaction.totpFactor.delete({ where: { id: pending.id } });
      return noKey;
    }
    const typed = codeOf(code);
    if (!isAppCode(typed))
      return { ok: false, startAgain: false, message: "Enter the six digits that the new app shows now." };
    const now = await databaseNow(transaction);
    const secret = unsealed(keys, pending, caller.userId);
    if (secret === null) {
      // Its codes cannot be checked, so enrolment begins again.
      await transaction.totpFactor.delete({ where: { id: pending.id } });
      return noKey;
    }
    const step = provenStep(secret, typed, now, null);
    const kind = current ? "AuthenticatorReplaced" : "AuthenticatorEnrolled";
    if (step === null) {
      const failedAttempts = pending.failedAttempts + 1;
      if (failedAttempts < attemptsBeforeLock) {
        await transaction.totpFactor.update({ where: { id: pending.id }, data: { failedAttempts } });
        const message = "This code is wrong. Enter the one that your app shows now.";
        return { ok: false, startAgain: false, message };
      }
      await transaction.totpFactor.delete({ where: { id: pending.id } });
      const details = { error: "InvalidAuthenticationCode" };
      await recordAuditEvent(transaction, { ...entryOf(caller, kind), outcome: "Failure", details });
      return noKey;
    }
    const first = pending.askedBy ? notFirst : await confirmFirstFactor(transaction, caller, pending.passId);
    if (!first) {
      await transaction.totpFactor.delete({ where: { id: pending.id } });
      const details = { error: "NoOneTimePass" };
      await recordAuditEvent(transaction, { ...entryOf(caller, kind), outcome: "Failure", details });
      return noKey;
    }
    if (current) await transaction.totpFactor.update({ where: { id: current.id }, data: { removedAt: now } });
    await transaction.totpFactor.update({
      where: { id: pending.id },
      data: {
        countsFrom: first.countsFrom,
        confirmedAt: now,
        lastUsedStep: step,
        lastUsedAt: now,
        failedAttempts: 0,
      },
    });
    const proof = pending.askedBy;
    await recordAuditEvent(transaction, {
      ...entryOf(caller, kind),
      outcome: "Success",
      proof,
      details: firstFactorDetails(first, pending.passId),
    });
    return { ok: true, recoveryCodes: current ? null : await replaceCodes(transaction, caller.userId, now) };
  });
}

/** The waiting key of the caller's session, unless its ten minutes are over. It is locked, so that nothing drops it now. */
async function lockPending(transaction: Transaction, caller: Caller) {
  await transaction.$queryRaw`
    SELECT id FROM totp_factors WHERE session_id = ${caller.sessionId}::uuid AND confirmed_at IS NULL FOR UPDATE`;
  const since = new Date((await databaseNow(transaction)).getTime() - pendingMinutes * 60_000);
  return transaction.totpFactor.findFirst({
    where: {
      userId: caller.userId,
      sessionId: caller.sessionId,
      createdAt: { gt: since },
      confirmedAt: null,
      removedAt: null,
    },
    include: { askedBy: { select: { id: true, method: true } } },
  });
}
