import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { endMemberships } from "@/lib/operations/people/end-memberships";
import { refuseOwned, requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";

export interface RemoveGroupMemberInput {
  readonly groupId: string;
  readonly memberId: string;
  readonly justification: string | null;
}

/**
 * Removes a member from a group. The access of the membership ends at once; its activations and waiting requests end
 * for good. It requires authority over that access, as removing the assignments would.
 */
export function removeGroupMember(
  database: Database,
  caller: Caller,
  input: RemoveGroupMemberInput,
): Promise<OperationResult<{ endedActivations: number }>> {
  return runOperation(database, removal(caller, input), (transaction) =>
    removeMemberIn(transaction, caller, input),
  );
}

/** The log entry of a removal that is refused before the membership is known. */
function removal(caller: Actor, { groupId, memberId, justification }: RemoveGroupMemberInput) {
  return {
    kind: "GroupMemberRemoved" as const,
    caller,
    justification,
    details: { groupId, memberId },
  };
}

/** The same within the caller's transaction. The log also says `details`. */
export async function removeMemberIn(
  transaction: Transaction,
  caller: Actor,
  input: RemoveGroupMemberInput & { readonly details?: Prisma.InputJsonObject },
): Promise<{ endedActivations: number }> {
  const attempt = removal(caller, input);
  const { groupId, memberId } = input;
  await requirePrincipalManager(transaction, caller, attempt);
  const found = await transaction.groupMember.findUnique({
    where: { groupId_memberId: { groupId, memberId } },
    select: {
      group: { select: { id: true, displayName: true, directory: true } },
      member: { select: { id: true, displayName: true, type: true } },
    },
  });
  if (!found) throw new Refusal(notFound, attempt);
  const details = { ...input.details, groupId, groupName: found.group.displayName };
  const entry = { ...attempt, target: found.member, details };
  const { displayName, directory } = found.group;
  refuseOwned({ displayName, directoryName: directory?.endedAt === null ? directory.name : null }, entry);
  const access = await privilegesUntilCommit(transaction, [groupId]);
  await requireAuthorityOver(transaction, caller, access, entry);
  const membership = { ...found, access };
  const { ended, endedActivations } = await endMemberships(transaction, caller, [membership], {
    caller,
    justification: input.justification,
    ...(input.details ? { details: input.details } : {}),
  });
  if (ended.length === 0) throw new Refusal(notFound, entry);
  return { endedActivations };
}
