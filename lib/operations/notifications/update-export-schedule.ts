import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type ExportPlan,
  listOfContents,
  nextSending,
  normalExportPlan,
} from "@/lib/domain/notifications/export-schedule";
import { sameValue } from "@/lib/domain/roles/same-value";
import { runOperation } from "@/lib/operations/gate/refusal";
import { openSchedule, planForLog, refusePlanFaults } from "@/lib/operations/notifications/export-schedules";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Changes a scheduled export. From then on it runs for the person who changed it. Its hour stays in its
 * own time zone. Refused if somebody else changed it meanwhile. Saving without a change writes nothing.
 */
export function updateExportSchedule(
  database: Database,
  caller: Caller,
  input: { readonly scheduleId: string; readonly expectedVersion: number; readonly plan: ExportPlan },
): Promise<OperationResult<{ changed: boolean }>> {
  const plan = normalExportPlan(input.plan);
  const attempt = {
    kind: "ExportScheduleUpdated" as const,
    caller,
    details: { scheduleId: input.scheduleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { schedule, entry } = await openSchedule(transaction, caller, input, attempt);
    const { id, timeZone, recipientIds: before } = schedule;
    await refusePlanFaults(transaction, plan, before, entry);
    const { contents, includeBelow, frequency, day, hour, recipientIds } = schedule;
    if (sameValue({ contents, includeBelow, frequency, day, hour, recipientIds }, plan))
      return { changed: false };
    const { recipientIds: after, ...timed } = plan;
    await transaction.exportSchedule.update({
      where: { id },
      data: {
        ...timed,
        administratorId: caller.userId,
        version: { increment: 1 },
        nextAt: nextSending(plan, timeZone, await databaseNow(transaction)),
      },
    });
    await transaction.exportRecipient.deleteMany({
      where: { scheduleId: id, principalId: { notIn: [...after] } },
    });
    await transaction.exportRecipient.createMany({
      data: after
        .filter((each) => !before.includes(each))
        .map((principalId) => ({ scheduleId: id, principalId })),
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: {
        ...entry.details,
        list: listOfContents(plan.contents),
        before: await planForLog(transaction, schedule, timeZone),
        after: await planForLog(transaction, plan, timeZone),
      },
    });
    return { changed: true };
  });
}
