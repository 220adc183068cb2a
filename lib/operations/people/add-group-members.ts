import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { type Privilege, privilegeNames, privilegesInWords } from "@/lib/domain/gate/privileges";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/text/visible-text";
import { grantAccess } from "@/lib/operations/gate/grant-access";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import {
  endUnreachedActivations,
  lockPrincipal,
  refuseOwned,
  requirePrincipalManager,
} from "@/lib/operations/people/manage-principals";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { databaseNow } from "@/lib/platform/transaction";

/** How many members one call may add. */
export const maximumNewMembers = 50;

export interface AddGroupMembersInput {
  readonly groupId: string;
  /** Users, groups or service principals, at most `maximumNewMembers`. */
  readonly memberIds: readonly string[];
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for new members is bound to. */
export function addGroupMembersOperation(
  input: Pick<AddGroupMembersInput, "groupId" | "memberIds">,
): ProtectedOperation {
  return {
    kind: "AddGroupMembers",
    groupId: input.groupId,
    memberIds: [...new Set(input.memberIds)],
  };
}

/**
 * Adds members to a group, all or none. A member has everything that the group, and every group above
 * it, has or may activate. So adding one requires what assigning all of that directly would
 * (`grantAccess`). A circle of groups is refused, even one that two simultaneous additions would close.
 */
export function addGroupMembers(
  database: Database,
  caller: Caller,
  input: AddGroupMembersInput,
): Promise<OperationResult<{ added: number }>> {
  const memberIds = [...new Set(input.memberIds)].sort();
  const attempt = {
    kind: "GroupMemberAdded" as const,
    caller,
    justification: input.justification,
    details: { groupId: input.groupId, memberIds },
  };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const members = await transaction.principal.findMany({
      where: { id: { in: memberIds }, disabledAt: null },
      select: { id: true, displayName: true, type: true },
      orderBy: { id: "asc" },
      take: maximumNewMembers,
    });
    if (members.some((member) => member.type === "Group")) await lockGroupGraph(transaction);
    const group = await lockPrincipal(transaction, input.groupId, attempt);
    if (group.type !== "Group") throw new Refusal(notFound, attempt);
    const details = { groupId: group.id, groupName: group.displayName };
    const entry = { ...attempt, details: { ...attempt.details, ...details } };
    refuseOwned(group, entry);
    if (memberIds.length === 0 || members.length !== memberIds.length) {
      const message = "One of them does not exist or is disabled. Choose again.";
      throw new Refusal({ code: "InvalidInput", faults: [{ field: "memberIds", message }] }, entry);
    }
    await refuseCycle(transaction, group, members, entry);
    await refusePresent(transaction, group, members, entry);

    const access = await privilegesUntilCommit(transaction, [group.id]);
    const operation = addGroupMembersOperation(input);
    const joining = memberIds.map((memberId) => ({ groupId: group.id, memberId }));
    const { proof, stepUp } = await grantAccess(
      transaction,
      caller,
      access,
      { ...input, operation, from: [group.id], to: memberIds, joining },
      entry,
    );
    const { justification } = input;
    const added = await joinGroupIn(transaction, group, members, access, {
      ...{ caller, justification, proof },
      details: stepUp.length > 0 ? { stepUp } : {},
    });
    return { added };
  });
}

/**
 * Adds members to a group in the caller's transaction. The caller has locked the group and judged what
 * they get. Logs each.
 */
export async function joinGroupIn(
  transaction: Transaction,
  group: { readonly id: string; readonly displayName: string },
  members: readonly { readonly id: string; readonly displayName: string; readonly type: PrincipalType }[],
  access: readonly Privilege[],
  entry: Omit<AuditEntry, "kind" | "outcome" | "target">,
): Promise<number> {
  const memberIds = members.map(({ id }) => id);
  // A new membership does not restore activations and requests that ended with an earlier one.
  await endUnreachedActivations(transaction, null, memberIds, await databaseNow(transaction));
  await revokeOrphaned(transaction, null, { principalIds: memberIds });
  const { count: added } = await transaction.groupMember.createMany({
    data: members.map((member) => ({ groupId: group.id, memberId: member.id })),
  });
  await recordAuditEvents(
    transaction,
    members.map((member) => ({
      ...entry,
      kind: "GroupMemberAdded" as const,
      outcome: "Success" as const,
      target: member,
      details: {
        groupId: group.id,
        groupName: group.displayName,
        memberType: member.type,
        given: privilegeNames(access),
        accessInWords: privilegesInWords(access),
        ...entry.details,
      },
    })),
  );
  return added;
}

/** The lock on the graph of groups. Every change of which groups are in which takes it first. */
export async function lockGroupGraph(transaction: Transaction): Promise<void> {
  await transaction.$queryRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.groupGraph}::bigint)::text`;
}

type Entry = ConstructorParameters<typeof Refusal>[1];

/** Refuses members that are the group itself, or a group above it. */
export async function refuseCycle(
  transaction: Transaction,
  group: { readonly id: string; readonly displayName: string },
  members: readonly { readonly id: string; readonly displayName: string }[],
  entry: Entry,
): Promise<void> {
  const above = await transaction.$queryRaw<{ id: string }[]>`
    SELECT principals_and_groups_above(${[group.id]}::uuid[]) AS id`;
  const circular = members.find((member) => above.some((each) => each.id === member.id));
  if (!circular) return;
  const message =
    circular.id === group.id
      ? "A group cannot be a member of itself."
      : `${isolated(group.displayName)} is already in ${isolated(circular.displayName)}, directly or through groups. The other way around would be a circle.`;
  throw new Refusal({ code: "MembershipCycle", message }, entry);
}

async function refusePresent(
  transaction: Transaction,
  group: { readonly id: string; readonly displayName: string },
  members: readonly { readonly id: string; readonly displayName: string }[],
  entry: Entry,
): Promise<void> {
  const present = await transaction.groupMember.findFirst({
    where: { groupId: group.id, memberId: { in: members.map((member) => member.id) } },
    select: { member: { select: { displayName: true } } },
  });
  if (!present) return;
  const message = `${isolated(present.member.displayName)} is already a member of ${isolated(group.displayName)}.`;
  throw new Refusal({ code: "Conflict", message }, entry);
}
