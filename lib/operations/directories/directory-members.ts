import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import { type MemberChange, mostMembersAtOnce } from "@/lib/domain/directories/scim-group";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/text/visible-text";
import {
  refuseBeyondDirectory,
  refuseConflictsOfDirectory,
} from "@/lib/operations/directories/beyond-directory";
import { type Drift, entryOf, settleDrift } from "@/lib/operations/directories/directory-operation";
import { Refusal } from "@/lib/operations/gate/refusal";
import { joinGroupIn, lockGroupGraph, refuseCycle } from "@/lib/operations/people/add-group-members";
import { endMemberships } from "@/lib/operations/people/end-memberships";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

interface Member {
  readonly id: string;
  readonly displayName: string;
  readonly type: PrincipalType;
}

interface Group {
  readonly id: string;
  readonly displayName: string;
}

/**
 * The first locks of a change of members: the graph of groups if groups join, then the group and the
 * leaving members by their ids.
 */
export async function lockForMembers(
  transaction: Transaction,
  groupId: string | null,
  { add, remove, replaces }: MemberChange,
): Promise<void> {
  if (add.length > 0) {
    const groups = await transaction.principal.count({ where: { id: { in: [...add] }, type: "Group" } });
    if (groups > 0) await lockGroupGraph(transaction);
  }
  if (groupId === null || (remove.length === 0 && !replaces)) return;
  await transaction.$queryRaw`
    SELECT id FROM principals WHERE id = ${groupId}::uuid OR id IN (
      SELECT member_id FROM group_members WHERE group_id = ${groupId}::uuid
        AND (${replaces} OR member_id = ANY (${[...remove]}::uuid[])) LIMIT ${mostMembersAtOnce + 1})
    ORDER BY id FOR NO KEY UPDATE`;
}

/**
 * Changes the members of a directory's group, whose row is locked. A member who leaves loses the group's access at
 * once, as by hand (`endMemberships`). A member who joins must not gain anything that requires a code.
 */
export async function changeMembers(
  transaction: Transaction,
  directory: DirectoryCaller,
  group: Group,
  { add, remove, replaces }: MemberChange,
): Promise<void> {
  const left = replaces
    ? await leaving(transaction, directory, group, { others: add })
    : remove.length > 0
      ? await leaving(transaction, directory, group, { these: remove })
      : 0;
  const joined = add.length > 0 ? await joining(transaction, directory, group, add) : 0;
  if (left + joined > 0)
    await transaction.principal.update({ where: { id: group.id }, data: { version: { increment: 1 } } });
  const about = [...add, ...remove];
  if (about.length > 0)
    await settleDrift(transaction, directory.directoryId, ["Member", "Conflict"], {
      ...{ principalIds: about, groupId: group.id },
    });
}

async function leaving(
  transaction: Transaction,
  directory: DirectoryCaller,
  group: Group,
  who: { readonly these: readonly string[] } | { readonly others: readonly string[] },
): Promise<number> {
  const rows = await transaction.groupMember.findMany({
    where: {
      groupId: group.id,
      memberId: "these" in who ? { in: [...who.these] } : { notIn: [...who.others] },
    },
    select: { member: { select: { id: true, displayName: true, type: true } } },
    orderBy: { memberId: "asc" },
    take: mostMembersAtOnce + 1,
  });
  const entry = { ...entryOf(directory, "GroupMemberRemoved"), target: group };
  if (rows.length > mostMembersAtOnce) {
    const message = `More than ${mostMembersAtOnce} members would leave at once. Remove them in several requests.`;
    throw new Refusal({ code: "InvalidInput", faults: [{ field: "members", message }] }, entry);
  }
  if (rows.length === 0) return 0;
  const access = await privilegesUntilCommit(transaction, [group.id]);
  const { caller, details } = entry;
  const memberships = rows.map(({ member }) => ({ group, member, access }));
  const { ended } = await endMemberships(transaction, null, memberships, { caller, details });
  return ended.length;
}

async function joining(
  transaction: Transaction,
  directory: DirectoryCaller,
  group: Group,
  ids: readonly string[],
): Promise<number> {
  const { directoryId } = directory;
  const own = entryOf(directory, "GroupMemberAdded");
  const entry = {
    ...own,
    target: group,
    details: { ...own.details, groupId: group.id, groupName: group.displayName },
  };
  const found = await transaction.principal.findMany({
    where: { id: { in: [...ids] }, directoryId, type: { in: ["User", "Group"] } },
    select: { id: true, displayName: true, type: true },
    orderBy: { id: "asc" },
    take: ids.length,
  });
  const known = new Set(found.map(({ id }) => id));
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) {
    const message = `This directory has no user or group with the id ${unknown.slice(0, 3).join(", ")}.`;
    throw new Refusal({ code: "InvalidInput", faults: [{ field: "members", message }] }, entry);
  }
  const present = await transaction.groupMember.findMany({
    where: { groupId: group.id, memberId: { in: [...ids] } },
    select: { memberId: true },
    take: ids.length,
  });
  const already = new Set(present.map(({ memberId }) => memberId));
  const members = found.filter(({ id }) => !already.has(id));
  if (members.length === 0) return 0;
  await refuseCycle(transaction, group, members, entry);
  const access = await privilegesUntilCommit(transaction, [group.id]);
  await refuseBeyondDirectory(transaction, access, entry, driftOf("Member", group, members));
  const joins = members.map(({ id }) => ({ groupId: group.id, memberId: id }));
  await refuseConflictsOfDirectory(transaction, joins, entry, driftOf("Conflict", group, members));
  const { caller, details } = own;
  return joinGroupIn(transaction, group, members, access, { caller, details });
}

function driftOf(kind: Drift["kind"], group: Group, members: readonly Member[]): Drift[] {
  return members.map(({ id, displayName }) => ({
    kind,
    subject: `${group.id} ${id}`,
    ...{ principalId: id, groupId: group.id },
    says: `${isolated(displayName)} is in ${isolated(group.displayName)}.`,
  }));
}
