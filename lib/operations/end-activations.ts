import { statusAfter } from "@/lib/domain/request-state";
import type { Transaction } from "@/lib/platform/database";

/**
 * Cuts every activation that rests on an eligibility short at the time the eligibility now ends; one that would only
 * begin then never does, and its request is canceled. Locks them in the order of their ids. Returns how many were cut.
 */
export async function endActivations(
  transaction: Transaction,
  eligibilityId: string,
  end: Date,
  now: Date,
): Promise<number> {
  await transaction.$queryRaw`
    SELECT id FROM assignments WHERE eligibility_id = ${eligibilityId}::uuid AND ends_at > ${end}
    ORDER BY id FOR UPDATE`;
  await transaction.request.updateMany({
    where: {
      eligibilityId,
      requestType: "SelfActivate",
      status: "ScheduleCreated",
      startsAt: { gt: now, gte: end },
    },
    data: { status: statusAfter("ScheduleCreated", "Cancel"), completedAt: now },
  });
  return transaction.$executeRaw`
    UPDATE assignments SET ends_at = greatest(starts_at, ${end}), removed_at = ${now}
    WHERE eligibility_id = ${eligibilityId}::uuid AND ends_at > ${end}`;
}
