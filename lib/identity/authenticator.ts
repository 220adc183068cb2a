import { randomBytes } from "node:crypto";
import { generateSecret, generateURI } from "otplib";
import { spendProof } from "@/lib/authority/spend-proof";
import { provenStep } from "@/lib/domain/totp";
import { recoveryCodeHash, recoveryCodeLength } from "@/lib/identity/verify-factor";
import { type AuditKind, recordAuditEvent, recordRefusal } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { type EncryptionKeys, seal, unseal } from "@/lib/platform/secrets";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

const recoveryCodeCount = 10;
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A key that is shown until it is confirmed by a code. */
export interface PendingAuthenticator {
  readonly secret: string;
  readonly uri: string;
}

/** Whether the caller has a confirmed authenticator app, since when, and how many recovery codes are left. */
export async function readFactors(database: Database, caller: Caller) {
  const factor = await database.client.totpFactor.findFirst({
    where: { userId: caller.userId, removedAt: null, confirmedAt: { not: null } },
    select: { confirmedAt: true, lastUsedAt: true },
  });
  const where = { userId: caller.userId, usedAt: null, replacedAt: null };
  return { factor, recoveryCodesLeft: await database.client.recoveryCode.count({ where }) };
}

/** Makes a key for a new authenticator app, or shows again the one that waits to be confirmed. It does not count yet. */
export function beginEnrolment(
  database: Database,
  keys: EncryptionKeys,
  caller: Caller,
): Promise<PendingAuthenticator> {
  return inTransaction(database, async (transaction) => {
    await transaction.$queryRaw`SELECT id FROM principals WHERE id = ${caller.userId}::uuid FOR NO KEY UPDATE`;
    const where = { userId: caller.userId, confirmedAt: null, removedAt: null };
    const pending = await transaction.totpFactor.findFirst({ where });
    const secret = pending ? unseal(keys, pending, caller.userId) : generateSecret();
    if (!pending) {
      await transaction.totpFactor.create({
        data: { userId: caller.userId, ...seal(keys, secret, caller.userId) },
      });
    }
    return { secret, uri: generateURI({ issuer: "Postern", label: caller.email, secret }) };
  });
}

export type ConfirmResult =
  | { ok: true; recoveryCodes: string[] | null }
  | { ok: false; field: "code" | "oldCode" | "password"; message: string };

/**
 * Makes the new authenticator app count once a code of it is shown. Where another is in force, a proof for
 * `ReplaceAuthenticator` is spent; where none is, the caller has just signed in or given their password again. The
 * first enrolment answers with ten recovery codes, which are never shown again.
 */
export async function confirmEnrolment(
  database: Database,
  keys: EncryptionKeys,
  caller: Caller,
  input: { readonly code: string; readonly proofId: string | null; readonly reauthenticated: boolean },
): Promise<ConfirmResult> {
  const result = await inTransaction(database, async (transaction): Promise<ConfirmResult> => {
    await transaction.$queryRaw`SELECT id FROM principals WHERE id = ${caller.userId}::uuid FOR NO KEY UPDATE`;
    const unremoved = { userId: caller.userId, removedAt: null };
    const pending = await transaction.totpFactor.findFirst({ where: { ...unremoved, confirmedAt: null } });
    const current = await transaction.totpFactor.findFirst({
      where: { ...unremoved, confirmedAt: { not: null } },
    });
    if (!pending) return { ok: false, field: "code", message: "Start again: there is no key waiting." };
    const now = await databaseNow(transaction);
    const step = provenStep(
      unseal(keys, pending, caller.userId),
      input.code.replaceAll(/\s/g, ""),
      now,
      null,
    );
    if (step === null)
      return {
        ok: false,
        field: "code",
        message: "This code is not right. Enter the one that your app shows now.",
      };
    if (!current && !input.reauthenticated)
      return { ok: false, field: "password", message: "Enter your password: you signed in a while ago." };
    const proof = current
      ? await spendProof(transaction, caller, input.proofId, { kind: "ReplaceAuthenticator" })
      : null;
    if (current && !proof) {
      return {
        ok: false,
        field: "oldCode",
        message: "Enter a code of the app that you have now, or a recovery code.",
      };
    }
    if (current) await transaction.totpFactor.update({ where: { id: current.id }, data: { removedAt: now } });
    await transaction.totpFactor.update({
      where: { id: pending.id },
      data: { confirmedAt: now, lastUsedStep: step, lastUsedAt: now },
    });
    await recordAuditEvent(transaction, {
      ...entryOf(caller, current ? "AuthenticatorReplaced" : "AuthenticatorEnrolled"),
      outcome: "Success",
      proof,
    });
    return { ok: true, recoveryCodes: current ? null : await replaceCodes(transaction, caller.userId, now) };
  });
  if (!result.ok && result.field === "oldCode")
    await recordUnproved(database, caller, "AuthenticatorReplaced");
  return result;
}

/** Removes the authenticator app and its recovery codes, spending a proof for it; false without one. */
export async function removeAuthenticator(
  database: Database,
  caller: Caller,
  proofId: string | null,
): Promise<boolean> {
  const removed = await inTransaction(database, async (transaction) => {
    const proof = await spendProof(transaction, caller, proofId, { kind: "RemoveAuthenticator" });
    if (!proof) return false;
    const now = await databaseNow(transaction);
    await transaction.totpFactor.updateMany({
      where: { userId: caller.userId, removedAt: null },
      data: { removedAt: now },
    });
    await transaction.recoveryCode.updateMany({
      where: { userId: caller.userId, usedAt: null, replacedAt: null },
      data: { replacedAt: now },
    });
    await recordAuditEvent(transaction, {
      ...entryOf(caller, "AuthenticatorRemoved"),
      outcome: "Success",
      proof,
    });
    return true;
  });
  if (!removed) await recordUnproved(database, caller, "AuthenticatorRemoved");
  return removed;
}

/** Makes ten new recovery codes in place of the old ones, spending a proof for it; null without one. */
export async function replaceRecoveryCodes(
  database: Database,
  caller: Caller,
  proofId: string | null,
): Promise<string[] | null> {
  const replaced = await inTransaction(database, async (transaction) => {
    const proof = await spendProof(transaction, caller, proofId, { kind: "ReplaceRecoveryCodes" });
    if (!proof) return null;
    const codes = await replaceCodes(transaction, caller.userId, await databaseNow(transaction));
    await recordAuditEvent(transaction, {
      ...entryOf(caller, "RecoveryCodesReplaced"),
      outcome: "Success",
      proof,
    });
    return codes;
  });
  if (!replaced) await recordUnproved(database, caller, "RecoveryCodesReplaced");
  return replaced;
}

async function replaceCodes(transaction: Transaction, userId: string, now: Date): Promise<string[]> {
  await transaction.recoveryCode.updateMany({
    where: { userId, usedAt: null, replacedAt: null },
    data: { replacedAt: now },
  });
  const codes = Array.from({ length: recoveryCodeCount }, () =>
    [...randomBytes(recoveryCodeLength)]
      .map((byte) => base32[byte & 31])
      .join("")
      .replace(/(.{4})(?=.)/g, "$1-"),
  );
  await transaction.recoveryCode.createMany({
    data: codes.map((code) => ({ userId, hash: recoveryCodeHash(code) })),
  });
  return codes;
}

function entryOf(caller: Caller, kind: AuditKind) {
  return { kind, caller, target: { id: caller.userId, displayName: caller.displayName } };
}

/** An attempt on one's own factors without a good proof may be somebody at an unlocked screen: the log tells of it. */
function recordUnproved(database: Database, caller: Caller, kind: AuditKind): Promise<void> {
  return recordRefusal(database, { ...entryOf(caller, kind), failedRules: ["MfaRule"] });
}
