import { createHash } from "node:crypto";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import { networkOf } from "@/lib/domain/people/network-of";
import { noAppsAccepted } from "@/lib/domain/people/sign-in-rules";
import { attemptsBeforeLock, lockMinutes, provenStep } from "@/lib/domain/people/totp";
import { codeOf, isAppCode } from "@/lib/domain/people/typed-code";
import { momentText } from "@/lib/domain/time/moment-text";
import { notifyOfWrongCodes } from "@/lib/identity/attempts/attack-notice";
import { type Count, judgeAttempt, latestBlock } from "@/lib/identity/attempts/throttle";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { withBegin } from "@/lib/platform/running-transaction";
import { type EncryptionKeys, seal, unsealed } from "@/lib/platform/secrets";

export type StepUpError =
  | {
      readonly code:
        | "InvalidAuthenticationCode"
        | "InvalidPasskey"
        | "CounterWentBack"
        | "NotConfirmed"
        | "NoFactor"
        | "FactorWaits"
        | "ChallengeExpired"
        | "FactorUnreadable";
      readonly message: string;
    }
  | { readonly code: "FactorLocked"; readonly message: string; readonly lockedUntil: string };

export type FactorResult =
  | {
      readonly ok: true;
      readonly method: Extract<StepUpMethod, "Totp" | "RecoveryCode">;
      readonly factorId: string;
      /** The code is noted as used. It is sent, and what comes next may be sent together with it. */
      readonly noted: Promise<unknown>;
    }
  /** `noCode`: the input cannot be a code, so nothing was tried. */
  | { readonly ok: false; readonly error: StepUpError; readonly noCode?: true };

/** Characters of a recovery code, of five bits each. */
export const recoveryCodeLength = 24;

/** The hash under which a recovery code is stored. The codes have 120 bits, so they need no slow hash (ASVS 5.0, 6.5.2). */
export function recoveryCodeHash(code: string): string {
  return createHash("sha256")
    .update(code.toUpperCase().replaceAll(/[^A-Z2-7]/g, ""))
    .digest("hex");
}

/** An authenticator app in force, locked until the transaction ends, and the time when it was locked. */
interface LockedFactor {
  readonly id: string;
  readonly keyId: string;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
  readonly lastUsedStep: bigint | null;
  readonly failedAttempts: number;
  readonly lockCount: number;
  readonly lockedUntil: Date | null;
  /** From when a first factor counts; null if it counts. */
  readonly countsFrom: Date | null;
  /** Whether the organisation's rules accept authenticator apps. */
  readonly authenticatorAppsConfirm: boolean;
  /** Whether they accept recovery codes. */
  readonly recoveryCodesConfirm: boolean;
  /** Whether somebody has met the challenge by now. */
  readonly challengeMet: boolean;
  /** Until when codes are refused, after too many wrong ones of this person, session or address; null if they are not. */
  readonly blockedUntil: Date | null;
  readonly now: Date;
}

/** What wrong codes are counted under. */
function countsOf(caller: Caller): readonly Count[] {
  return [
    { kind: "codesInSession", subject: caller.sessionId },
    { kind: "codesFromAddress", subject: `${caller.userId}:${networkOf(caller.ipAddress)}` },
    { kind: "codes", subject: caller.userId },
  ];
}

/**
 * Locks the row of the user's authenticator app, so that simultaneous submissions run one after the
 * other. Called with the challenge's lock held: an earlier holder of that lock has written their proof
 * by now. Null when there is no app.
 */
export async function lockFactor(
  transaction: Transaction,
  caller: Caller,
  challengeId: string,
): Promise<LockedFactor | null> {
  const inForce = Prisma.sql`user_id = ${caller.userId}::uuid AND confirmed_at IS NOT NULL AND removed_at IS NULL`;
  // The time of a statement is that of its beginning: the one that waits for the lock tells none. Both are sent together.
  const [[locked], [factor]] = await Promise.all([
    transaction.$queryRaw<{ id: string }[]>`
      ${withBegin} SELECT id FROM totp_factors WHERE ${inForce} FOR UPDATE`,
    transaction.$queryRaw<LockedFactor[]>`
    ${withBegin} SELECT f.id, key_id AS "keyId", nonce, ciphertext, last_used_step AS "lastUsedStep",
      failed_attempts AS "failedAttempts", lock_count AS "lockCount", locked_until AS "lockedUntil", counts_from AS "countsFrom",
      r.authenticator_apps_confirm AS "authenticatorAppsConfirm", r.recovery_codes_confirm AS "recoveryCodesConfirm",
      EXISTS (SELECT FROM step_up_proofs WHERE challenge_id = ${challengeId}::uuid) AS "challengeMet",
      ${latestBlock(countsOf(caller))} AS "blockedUntil", postern_now() AS now
    FROM totp_factors f, sign_in_rules r WHERE ${inForce}`,
  ]);
  // One that took its place meanwhile is not locked.
  return factor && factor.id === locked?.id ? factor : null;
}

/**
 * Checks a code of the user's authenticator app, or one of their recovery codes. The transaction must
 * commit whatever the result: a right code is used up, a wrong one is counted (docs/rules.md, rule 3).
 * Wrong codes also count for the session, the address and the person, and there a right code does not
 * reset the count. Otherwise a patient attacker could guess between the owner's own codes for ever.
 */
export async function verifyFactor(
  transaction: Transaction,
  keys: EncryptionKeys,
  caller: Caller,
  factor: LockedFactor | null,
  code: string,
  purpose: "StepUp" | "SignIn" = "StepUp",
): Promise<FactorResult> {
  if (!factor) {
    return { ok: false, error: { code: "NoFactor", message: "Set up an authenticator app first." } };
  }
  // A code that cannot count is no attempt, so no lock is needed.
  if (!factor.authenticatorAppsConfirm) return { ok: false, error: noApps, noCode: true };
  const { now } = factor;
  // A waiting first factor confirms nothing, but its person can sign in with it.
  if (purpose === "StepUp" && factor.countsFrom !== null && factor.countsFrom > now)
    return { ok: false, error: waits(factor.countsFrom), noCode: true };
  if (factor.lockedUntil !== null && factor.lockedUntil > now)
    return { ok: false, error: locked(factor.lockedUntil) };

  // The lock on the factor lets a person's codes be judged one after the other.
  if (factor.blockedUntil !== null) return { ok: false, error: tooMany(factor.blockedUntil) };

  const text = codeOf(code);
  // What cannot be a code is not a guess, and does not count towards a lock.
  if (!isAppCode(text) && text.length !== recoveryCodeLength)
    return { ok: false, error: noCode, noCode: true };
  if (text.length === recoveryCodeLength && !factor.recoveryCodesConfirm)
    return { ok: false, error: noRecoveryCodes, noCode: true };
  const secret = unsealed(keys, factor, caller.userId);
  const step = secret === null ? null : provenStep(secret, text, now, factor.lastUsedStep);
  const usedRecoveryCode =
    step === null &&
    text.length === recoveryCodeLength &&
    (await spendRecoveryCode(transaction, caller.userId, text));
  if (step !== null || usedRecoveryCode) {
    // Written as one statement, since the user is waiting (docs/decisions/speed.md).
    const noted = transaction.$executeRaw`
      UPDATE totp_factors SET failed_attempts = 0, lock_count = 0, locked_until = NULL,
        last_used_step = coalesce(${step}::bigint, last_used_step),
        last_used_at = CASE WHEN ${step}::bigint IS NULL THEN last_used_at ELSE ${now}::timestamptz END
      WHERE id = ${factor.id}::uuid`;
    // The caller gets the fault with `noted`.
    noted.catch(() => {});
    // A secret under an older key is re-encrypted with the newest when it is used.
    if (secret !== null && factor.keyId !== keys[0]?.id)
      await transaction.totpFactor.update({
        where: { id: factor.id },
        data: seal(keys, secret, caller.userId),
      });
    return { ok: true, method: step === null ? "RecoveryCode" : "Totp", factorId: factor.id, noted };
  }

  // An app's code cannot be judged wrong then, so it is not counted. A recovery code needs no key, and
  // is counted.
  if (secret === null && text.length !== recoveryCodeLength) return { ok: false, error: unreadable };
  await notifyOfWrongCodes(transaction, caller, await judgeAttempt(transaction, countsOf(caller), false));
  const failedAttempts = factor.failedAttempts + 1;
  if (failedAttempts < attemptsBeforeLock) {
    await transaction.totpFactor.update({ where: { id: factor.id }, data: { failedAttempts } });
    const left = attemptsBeforeLock - failedAttempts;
    const message = `This code is wrong, or was already used. Enter the next one. ${left} ${left === 1 ? "attempt" : "attempts"} left.`;
    return { ok: false, error: { code: "InvalidAuthenticationCode", message } };
  }
  const lockCount = factor.lockCount + 1;
  const lockedUntil = new Date(now.getTime() + lockMinutes(lockCount) * 60_000);
  await transaction.totpFactor.update({
    where: { id: factor.id },
    data: { failedAttempts: 0, lockCount, lockedUntil },
  });
  await recordAuditEvent(transaction, {
    kind: "FactorLocked",
    outcome: "Failure",
    caller,
    target: { id: caller.userId, displayName: caller.displayName },
    details: { lockedUntil: lockedUntil.toISOString(), lockCount },
  });
  return { ok: false, error: locked(lockedUntil) };
}

const noCode: StepUpError = {
  code: "InvalidAuthenticationCode",
  message:
    "Enter the six digits that your app shows, or a whole recovery code. This did not count as an attempt.",
};

const noApps: StepUpError = { code: "NoFactor", message: noAppsAccepted };

const noRecoveryCodes: StepUpError = {
  code: "InvalidAuthenticationCode",
  message:
    "Your organisation does not accept recovery codes. Enter the six digits that your app shows. This did not count as an attempt.",
};

function tooMany(until: Date): StepUpError {
  return {
    code: "FactorLocked",
    message: `Too many wrong codes over time. No code is accepted here until ${momentText(until)}.`,
    lockedUntil: until.toISOString(),
  };
}
const unreadable: StepUpError = {
  code: "FactorUnreadable",
  message:
    "Codes of your authenticator app cannot be checked now, because Postern lacks its encryption key. Enter a recovery code, or tell an administrator.",
};

/** The text for a factor that does not count yet, wherever it would be asked for. Nothing was tried. */
export function waits(until: Date): StepUpError {
  const message = `Your second factor is new and counts from ${momentText(until)}. Until then it confirms nothing, and neither do its recovery codes.`;
  return { code: "FactorWaits", message };
}

/** The text for a locked factor, wherever a code would be asked for. */
export function lockedInWords(until: Date): string {
  return `Too many wrong codes. Your authenticator app is locked until ${momentText(until)}.`;
}

function locked(lockedUntil: Date): StepUpError {
  return {
    code: "FactorLocked",
    message: lockedInWords(lockedUntil),
    lockedUntil: lockedUntil.toISOString(),
  };
}

async function spendRecoveryCode(transaction: Transaction, userId: string, code: string): Promise<boolean> {
  const spent = await transaction.$executeRaw`
    UPDATE recovery_codes SET used_at = postern_now()
    WHERE user_id = ${userId}::uuid AND hash = ${recoveryCodeHash(code)} AND used_at IS NULL AND replaced_at IS NULL`;
  return spent === 1;
}
