import { isBreakGlassAccount } from "@/lib/authority/break-glass-accounts";
import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import { namesToKeep, spelledAddress, type UserState } from "@/lib/domain/directories/scim-user";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { beyondDirectory } from "@/lib/operations/directories/beyond-directory";
import {
  DirectoryRefusal,
  type Entry,
  entryOf,
  runDirectoryOperation,
} from "@/lib/operations/directories/directory-operation";
import {
  makeUserSo,
  refuseTaken,
  storedNames,
  type ToldUser,
  takenByOthers,
} from "@/lib/operations/directories/directory-user";
import { lockOwned } from "@/lib/operations/directories/lock-owned";
import { keptFor } from "@/lib/operations/gate/refuse-break-glass";
import { lockPrincipal } from "@/lib/operations/people/manage-principals";
import { type KnownPrincipal, knownBy } from "@/lib/operations/people/refuse-taken-names";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Creates a user as a directory describes them. An existing user who has this external id and belongs
 * to no directory is taken over, unless they have something that requires a code to give. An address
 * alone never leads to a takeover (docs/decisions/directories.md).
 */
export function createDirectoryUser(
  database: Database,
  directory: DirectoryCaller,
  user: UserState,
): Promise<OperationResult<{ id: string }>> {
  const attempt = entryOf(directory, "PrincipalCreated");
  const details = { ...attempt.details, type: "User", email: user.userName.slice(0, 300) };
  const entry = { ...attempt, details };
  return runDirectoryOperation(database, directory, entry, async (transaction) => {
    const names = storedNames(user, entry);
    const here = names.externalId === null ? [] : await knownBy(transaction, [names.externalId]);
    const same = here.find((each) => isFree(each) && isBy(each, names.externalId));
    if (same) {
      await takeOver(transaction, directory, same, { user, tells: { userName: true, active: true } }, entry);
      return { id: same.id };
    }
    await refuseTaken(transaction, directory, null, names, entry);
    const disabledAt = user.active ? null : await databaseNow(transaction);
    const principal = await transaction.principal.create({
      data: {
        ...{ type: "User", ...names, disabledAt },
        ...{ directoryId: directory.directoryId, directoryNames: { ...namesToKeep(user) } },
      },
      select: { id: true, displayName: true },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      target: principal,
      details: { ...details, ...names, active: user.active },
    });
    return { id: principal.id };
  });
}

const isFree = (principal: KnownPrincipal) => principal.type === "User" && principal.directoryId === null;
const isBy = (principal: KnownPrincipal, externalId: string | null) =>
  principal.externalId !== null &&
  externalId !== null &&
  sameNameKey(principal.externalId) === sameNameKey(externalId);

async function takeOver(
  transaction: Transaction,
  directory: DirectoryCaller,
  known: KnownPrincipal,
  requested: ToldUser,
  attempt: Entry,
): Promise<void> {
  const principal = await lockPrincipal(transaction, known.id, attempt);
  const entry = { ...attempt, kind: "PrincipalUpdated" as const, target: principal };
  if (principal.directoryId !== null || !isBy({ ...known, ...principal }, known.externalId)) {
    const message = "This user was just changed. Try again.";
    throw new DirectoryRefusal({ code: "Conflict", message }, entry, []);
  }
  // Its own address decides who gets at it when nothing else works.
  const keeps = await isBreakGlassAccount(transaction, principal.id);
  const beyond = await beyondDirectory(transaction, await privilegesUntilCommit(transaction, [principal.id]));
  if (keeps || beyond.length > 0) {
    const reason = keeps
      ? keptFor(principal.displayName, "owned")
      : `${isolated(principal.displayName)} has this external id here, and has access that takes a code to grant.`;
    const drift = [
      {
        kind: keeps ? ("BreakGlass" as const) : ("TakeOver" as const),
        ...{ subject: principal.id, principalId: principal.id, groupId: null },
        says: `${isolated(principal.displayName)} belongs to it.`,
      },
    ];
    throw new DirectoryRefusal({ code: "Conflict", message: takenByOthers }, entry, drift, reason);
  }
  await transaction.principal.update({
    where: { id: principal.id },
    data: { directoryId: directory.directoryId, directoryNames: {}, version: { increment: 1 } },
  });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: { ...attempt.details, takenOverBy: directory.displayName },
  });
  await makeUserSo(transaction, directory, { ...principal, directoryNames: {} }, requested);
}

/**
 * Changes a user of the directory to what `change` makes of the present state. With `expectedVersion`,
 * only if that is still the version.
 */
export function changeDirectoryUser(
  database: Database,
  directory: DirectoryCaller,
  input: {
    readonly id: string;
    readonly expectedVersion: number | null;
    readonly change: (before: UserState) => ToldUser;
  },
): Promise<OperationResult<{ id: string }>> {
  const attempt = entryOf(directory, "PrincipalUpdated");
  return runDirectoryOperation(database, directory, attempt, async (transaction) => {
    const principal = await lockOwned(transaction, directory, "User", input, attempt);
    const names = principal.directoryNames;
    const requested = input.change({
      ...{ userName: spelledAddress(names, principal.email), externalId: principal.externalId },
      ...{ names, active: principal.disabledAt === null },
    });
    await makeUserSo(transaction, directory, principal, requested);
    return { id: principal.id };
  });
}
