import { recheckBeforeOwnLoss } from "@/lib/authority/rights-until-commit";
import { type Privilege, privilegeNames, privilegesInWords } from "@/lib/domain/gate/privileges";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { endUnreachedActivations } from "@/lib/operations/people/manage-principals";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** A direct member of a group, and what the group grants them. */
export interface Membership {
  readonly group: { readonly id: string; readonly displayName: string };
  readonly member: { readonly id: string; readonly displayName: string; readonly type: PrincipalType };
  readonly access: readonly Privilege[];
}

/** Locks the people and groups that are to leave a group, in the order of their ids. */
export async function lockMembers(transaction: Transaction, memberIds: readonly string[]): Promise<void> {
  await transaction.$queryRaw`
    SELECT id FROM principals WHERE id = ANY (${[...memberIds]}::uuid[]) ORDER BY id FOR NO KEY UPDATE`;
}

/**
 * Removes members from groups, if the actor has the authority. The actor is null for a directory, which the entry
 * names. The access of the memberships ends at once; its activations and waiting requests end for good. A membership
 * that has ended meanwhile is skipped. Returns those that ended, and how many activations ended with them.
 */
export async function endMemberships<Ending extends Membership>(
  transaction: Transaction,
  actor: Actor | null,
  memberships: readonly Ending[],
  entry: Omit<AuditEntry, "kind" | "outcome">,
): Promise<{ readonly ended: readonly Ending[]; readonly endedActivations: number }> {
  // An activation through the membership waits for this lock, or is found and ended below.
  const leaving = memberships.map(({ member }) => member.id);
  await lockMembers(transaction, leaving);
  if (actor !== null) await recheckBeforeOwnLoss(transaction, actor.userId, leaving);
  const deleted = await transaction.$queryRaw<{ groupId: string; memberId: string }[]>`
    DELETE FROM group_members
    WHERE (group_id, member_id) IN (SELECT * FROM unnest(
      ${memberships.map(({ group }) => group.id)}::uuid[], ${memberships.map(({ member }) => member.id)}::uuid[]))
    RETURNING group_id AS "groupId", member_id AS "memberId"`;
  const pairs = new Set(deleted.map(({ groupId, memberId }) => `${groupId} ${memberId}`));
  const ended = memberships.filter(({ group, member }) => pairs.has(`${group.id} ${member.id}`));
  const memberIds = [...new Set(ended.map(({ member }) => member.id))];
  const activations = await endUnreachedActivations(
    transaction,
    actor,
    memberIds,
    await databaseNow(transaction),
  );
  const revokedRequests = await revokeOrphaned(transaction, actor, { principalIds: memberIds });
  await recordAuditEvents(
    transaction,
    ended.map(({ group, member, access }) => ({
      ...entry,
      kind: "GroupMemberRemoved" as const,
      outcome: "Success" as const,
      target: { id: member.id, displayName: member.displayName },
      details: {
        ...entry.details,
        groupId: group.id,
        groupName: group.displayName,
        // If several members leave at once, each event counts only what surely belongs to that member.
        ...(memberIds.length === 1
          ? { endedActivations: activations.length, revokedRequests }
          : { endedActivations: activations.filter((each) => each === member.id).length }),
        memberType: member.type,
        taken: privilegeNames(access),
        accessInWords: privilegesInWords(access),
      },
    })),
  );
  return { ended, endedActivations: activations.length };
}
