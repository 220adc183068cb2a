import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { endMemberships } from "@/lib/operations/people/end-memberships";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

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
  const attempt = {
    kind: "GroupMemberRemoved" as const,
    caller,
    justification: input.justification,
    details: { groupId: input.groupId, memberId: input.memberId },
  };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const { groupId, memberId } = input;
    const found = await transaction.groupMember.findUnique({
      where: { groupId_memberId: { groupId, memberId } },
      select: {
        group: { select: { id: true, displayName: true } },
        member: { select: { id: true, displayName: true, type: true } },
      },
    });
    if (!found) throw new Refusal(notFound, attempt);
    const details = { groupId, groupName: found.group.displayName };
    const entry = { ...attempt, target: found.member, details };
    const access = await privilegesUntilCommit(transaction, [groupId]);
    await requireAuthorityOver(transaction, caller, access, entry);
    const membership = { ...found, access };
    const { ended, endedActivations } = await endMemberships(transaction, caller, [membership], {
      caller,
      justification: input.justification,
    });
    if (ended.length === 0) throw new Refusal(notFound, entry);
    return { endedActivations };
  });
}
