import { spendProof } from "@/lib/authority/spend-proof";
import { hasAnotherWayIn, isLastOfBreakGlass, lastOfBreakGlass } from "@/lib/authority/ways-in";
import { mostPasskeys } from "@/lib/domain/people/passkey";
import { normalisedName } from "@/lib/domain/text/names";
import { passkeyNameFault } from "@/lib/identity/factors/passkey-registration";
import { lockPerson } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent, recordRefusal } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** The caller's passkeys in force, the oldest first, at most ten. */
export function listPasskeys(database: Database, caller: Caller) {
  return database.client.passkey.findMany({
    where: { userId: caller.userId, removedAt: null },
    select: {
      ...{ id: true, name: true, createdAt: true, lastUsedAt: true, backupEligible: true, backedUp: true },
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take: mostPasskeys,
  });
}

export type RenamePasskeyResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Renames one of the caller's passkeys. */
export function renamePasskey(
  database: Database,
  caller: Caller,
  input: { readonly passkeyId: string; readonly name: string },
): Promise<RenamePasskeyResult> {
  const fault = passkeyNameFault(input.name);
  if (fault !== null) return Promise.resolve({ ok: false, message: fault });
  return inTransaction(database, async (transaction): Promise<RenamePasskeyResult> => {
    await lockPerson(transaction, caller.userId);
    const passkey = await transaction.passkey.findFirst({
      where: { id: input.passkeyId, userId: caller.userId, removedAt: null },
      select: { id: true, name: true },
    });
    if (!passkey) return { ok: false, message: gone };
    const name = normalisedName(input.name);
    if (name === passkey.name) return { ok: true };
    await transaction.passkey.update({ where: { id: passkey.id }, data: { name } });
    await recordAuditEvent(transaction, {
      ...entryOf(caller, "PasskeyRenamed"),
      outcome: "Success",
      details: { name, before: passkey.name },
    });
    return { ok: true };
  });
}

const gone = "You no longer have this passkey.";
const lastWay =
  "This passkey is your only way to sign in. Add another passkey or link an identity provider first.";

export type RemovePasskeyResult =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly unproved: boolean; readonly message: string };

/**
 * Removes one of the caller's passkeys, spending a proof. Proofs that were made with it end. Removing one's own last
 * way to sign in, or the last factor of a break-glass account, is refused and logged, and spends nothing.
 */
export async function removePasskey(
  database: Database,
  caller: Caller,
  input: { readonly passkeyId: string; readonly proofId: string | null },
): Promise<RemovePasskeyResult> {
  const { passkeyId } = input;
  const result = await inTransaction(database, async (transaction): Promise<RemovePasskeyResult> => {
    await lockPerson(transaction, caller.userId);
    const passkey = await transaction.passkey.findFirst({
      where: { id: passkeyId, userId: caller.userId, removedAt: null },
      select: { id: true, name: true, credentialId: true },
    });
    if (!passkey) return { ok: false, unproved: false, message: gone };
    if (!(await hasAnotherWayIn(transaction, caller.userId, { passkeyId }))) {
      const details = { error: "LastWayIn", name: passkey.name };
      await recordAuditEvent(transaction, {
        ...{ ...entryOf(caller, "PasskeyRemoved"), outcome: "Failure", details },
      });
      return { ok: false, unproved: false, message: lastWay };
    }
    if (await isLastOfBreakGlass(transaction, caller.userId, { passkeyId })) {
      const details = { error: "LastFactor", name: passkey.name };
      await recordAuditEvent(transaction, {
        ...{ ...entryOf(caller, "PasskeyRemoved"), outcome: "Failure", details },
      });
      return { ok: false, unproved: false, message: lastOfBreakGlass };
    }
    const proof = await spendProof(transaction, caller, input.proofId, { kind: "RemovePasskey", passkeyId });
    if (!proof) return { ok: false, unproved: true, message: "Verify your identity." };
    const removedAt = await databaseNow(transaction);
    await transaction.passkey.update({ where: { id: passkey.id }, data: { removedAt } });
    await recordAuditEvent(transaction, {
      ...entryOf(caller, "PasskeyRemoved"),
      outcome: "Success",
      proof,
      details: { name: passkey.name, credentialId: Buffer.from(passkey.credentialId).toString("base64url") },
    });
    return { ok: true, name: passkey.name };
  });
  // Without a good proof it may be another person at an unlocked screen, so it is logged.
  if (!result.ok && result.unproved)
    await recordRefusal(database, { ...entryOf(caller, "PasskeyRemoved"), failedRules: ["MfaRule"] });
  return result;
}

function entryOf(caller: Caller, kind: "PasskeyRenamed" | "PasskeyRemoved") {
  return { kind, caller, target: { id: caller.userId, displayName: caller.displayName } };
}
