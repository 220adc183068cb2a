import { statusAfter } from "@/lib/domain/requests/request-state";
import { recordEndedActivations } from "@/lib/operations/gate/record-ended-activations";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/**
 * Ends activations, whose rows are locked, at `now`. One that has not begun never begins, and its request is canceled.
 * Logs each.
 */
export async function endLockedActivations(
  transaction: Transaction,
  actor: Actor | null,
  ids: readonly string[],
  now: Date,
): Promise<void> {
  await transaction.request.updateMany({
    where: {
      assignmentId: { in: [...ids] },
      requestType: "SelfActivate",
      status: "ScheduleCreated",
      startsAt: { gt: now },
    },
    data: { status: statusAfter("ScheduleCreated", "Cancel"), completedAt: now },
  });
  await transaction.$executeRaw`
    UPDATE assignments SET ends_at = greatest(starts_at, ${now}), removed_at = ${now}
    WHERE id = ANY (${[...ids]}::uuid[])`;
  await recordEndedActivations(transaction, actor, ids);
}

/**
 * Ends every activation of an eligibility when the eligibility ends. An activation that has not begun
 * by then never begins, and its request is canceled. Locks them in the order of their ids and logs
 * each. Returns how many were ended.
 */
export async function endActivations(
  transaction: Transaction,
  actor: Actor,
  eligibilityId: string,
  end: Date,
  now: Date,
): Promise<number> {
  const cut = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM assignments WHERE eligibility_id = ${eligibilityId}::uuid AND ends_at > ${end}
    ORDER BY id FOR UPDATE`;
  if (cut.length === 0) return 0;
  const ids = cut.map(({ id }) => id);
  await transaction.request.updateMany({
    where: {
      eligibilityId,
      requestType: "SelfActivate",
      status: "ScheduleCreated",
      startsAt: { gt: now, gte: end },
    },
    data: { status: statusAfter("ScheduleCreated", "Cancel"), completedAt: now },
  });
  await transaction.$executeRaw`
    UPDATE assignments SET ends_at = greatest(starts_at, ${end}), removed_at = ${now}
    WHERE id = ANY (${ids}::uuid[])`;
  await recordEndedActivations(transaction, actor, ids);
  return ids.length;
}
