import type { GroupChange } from "@/lib/domain/directories/scim-group";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { externalIdFault, type PrincipalNames, readPrincipalNames } from "@/lib/domain/people/principal";
import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { changeMembers, lockForMembers } from "@/lib/operations/directories/directory-members";
import {
  DirectoryRefusal,
  type Entry,
  entryOf,
  runDirectoryOperation,
  settleDrift,
} from "@/lib/operations/directories/directory-operation";
import { refuseTaken } from "@/lib/operations/directories/directory-user";
import { lockOwned } from "@/lib/operations/directories/lock-owned";
import { Refusal } from "@/lib/operations/gate/refusal";
import { groupsNamed } from "@/lib/operations/people/refuse-taken-names";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { lockNames } from "@/lib/platform/sql/name-keys";

type GroupNames = Pick<PrincipalNames, "displayName" | "externalId">;

function storedNames(asked: GroupNames, entry: Entry): GroupNames {
  const read = readPrincipalNames({ ...asked, email: null });
  const faults = read.ok ? [] : [...read.faults];
  const wrongId = faults.length > 0 ? null : externalIdFault({ ...asked, email: null });
  if (wrongId !== null) faults.push({ field: "externalId", message: wrongId });
  if (!read.ok || faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
  return { displayName: read.names.displayName, externalId: read.names.externalId };
}

/** Refuses an external id that leads to somebody else, and the name of another group. Locks both until the commit. */
async function refuseTakenGroup(
  transaction: Transaction,
  directory: DirectoryCaller,
  ownId: string | null,
  names: GroupNames,
  entry: Entry,
): Promise<void> {
  await refuseTaken(transaction, directory, ownId, { email: null, externalId: names.externalId }, entry);
  await lockNames(transaction, "group", [names.displayName]);
  const twin = (await groupsNamed(transaction, [names.displayName])).find(({ id }) => id !== ownId);
  if (!twin) return;
  const own = twin.directoryId === directory.directoryId;
  const message = `There is already a group named ${isolated(twin.displayName)}${own ? " in this directory" : ""}.`;
  throw new DirectoryRefusal(
    { code: "Conflict", message },
    entry,
    own
      ? []
      : [
          {
            kind: "NameTaken",
            subject: `${twin.id} ${sameNameKey(names.displayName)}`,
            ...{ principalId: twin.id, groupId: null },
            says: `There is a group ${isolated(names.displayName)}.`,
          },
        ],
  );
}

/**
 * Creates a group as a directory describes it, with its members. An existing group that has this external id and
 * belongs to no directory can be taken over only by an administrator, since its members would change.
 */
export function createDirectoryGroup(
  database: Database,
  directory: DirectoryCaller,
  asked: Required<GroupChange>,
): Promise<OperationResult<{ id: string }>> {
  const attempt = entryOf(directory, "PrincipalCreated");
  const details = { ...attempt.details, type: "Group", displayName: asked.displayName.slice(0, 300) };
  const entry = { ...attempt, details };
  return runDirectoryOperation(database, directory, entry, async (transaction) => {
    await lockForMembers(transaction, null, asked.members);
    const names = storedNames(asked, entry);
    await refuseTakenGroup(transaction, directory, null, names, entry);
    const group = await transaction.principal.create({
      data: { type: "Group", ...names, directoryId: directory.directoryId },
      select: { id: true, displayName: true },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      target: group,
      details: { ...details, ...names },
    });
    await changeMembers(transaction, directory, group, asked.members);
    return { id: group.id };
  });
}

/** Changes a group of the directory. With `expectedVersion`, only if that is still the version. */
export function changeDirectoryGroup(
  database: Database,
  directory: DirectoryCaller,
  input: {
    readonly id: string;
    readonly expectedVersion: number | null;
    readonly change: GroupChange;
  },
): Promise<OperationResult<{ id: string }>> {
  const { id, change } = input;
  const attempt = entryOf(directory, "PrincipalUpdated");
  const entry = { ...attempt, details: { ...attempt.details, groupId: id } };
  return runDirectoryOperation(database, directory, entry, async (transaction) => {
    await lockForMembers(transaction, id, change.members);
    const before = await lockOwned(transaction, directory, "Group", input, entry);
    const wanted = {
      displayName: change.displayName ?? before.displayName,
      externalId: change.externalId === undefined ? before.externalId : change.externalId,
    };
    const renamed = { displayName: before.displayName, id };
    const changed = (["displayName", "externalId"] as const).filter((name) => before[name] !== wanted[name]);
    if (changed.length > 0) {
      const about = { ...entry, target: before };
      const after = storedNames(wanted, about);
      await refuseTakenGroup(transaction, directory, id, after, about);
      await transaction.principal.update({ where: { id }, data: { ...after, version: { increment: 1 } } });
      renamed.displayName = after.displayName;
      const pick = (from: GroupNames) => Object.fromEntries(changed.map((name) => [name, from[name]]));
      await recordAuditEvent(transaction, {
        ...about,
        outcome: "Success",
        target: renamed,
        details: { ...attempt.details, before: pick(before), after: pick(after) },
      });
    }
    await changeMembers(transaction, directory, renamed, change.members);
    await settleDrift(transaction, directory.directoryId, ["NameTaken"], { principalIds: [id] });
    return { id };
  });
}
