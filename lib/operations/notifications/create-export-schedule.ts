import { visibleResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type ExportPlan,
  exportLimits,
  listOfContents,
  nextSending,
  normalExportPlan,
} from "@/lib/domain/notifications/export-schedule";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { planForLog, refusePlanFaults } from "@/lib/operations/notifications/export-schedules";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Schedules an export of a resource by mail. It requires the permission to edit role settings there. Its hour is in
 * the caller's time zone. It discloses nothing: each recipient gets only what they may read themselves.
 */
export function createExportSchedule(
  database: Database,
  caller: Caller,
  input: { readonly resourceId: string; readonly plan: ExportPlan },
): Promise<OperationResult<{ scheduleId: string }>> {
  const plan = normalExportPlan(input.plan);
  const attempt = {
    kind: "ExportScheduleCreated" as const,
    caller,
    details: { list: listOfContents(plan.contents) },
  };
  return runOperation(database, attempt, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, input.resourceId);
    if (!resource) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource };
    await requirePermission(transaction, caller, action.writeRoleSettings, resource, entry);
    // If two come at once, the second waits, so that the limit holds.
    await transaction.$queryRaw`SELECT FROM resources WHERE id = ${resource.id}::uuid FOR NO KEY UPDATE`;
    await refusePlanFaults(transaction, plan, [], entry);
    if (
      (await transaction.exportSchedule.count({ where: { resourceId: resource.id } })) >=
      exportLimits.atResource
    ) {
      const message = `A resource has at most ${exportLimits.atResource} scheduled exports. Delete one first.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const timeZone = await zoneOf(transaction, caller.userId);
    const { recipientIds, ...timed } = plan;
    const { id } = await transaction.exportSchedule.create({
      data: {
        ...timed,
        timeZone,
        resourceId: resource.id,
        administratorId: caller.userId,
        nextAt: nextSending(plan, timeZone, await databaseNow(transaction)),
      },
      select: { id: true },
    });
    await transaction.exportRecipient.createMany({
      data: recipientIds.map((principalId) => ({ scheduleId: id, principalId })),
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: { ...entry.details, scheduleId: id, after: await planForLog(transaction, plan, timeZone) },
    });
    return { scheduleId: id };
  });
}

/** The zone that the person chose, otherwise the one their browser named, otherwise the organisation's. */
async function zoneOf(transaction: Transaction, userId: string): Promise<string> {
  const [row] = await transaction.$queryRaw<{ timeZone: string }[]>`
    SELECT coalesce((SELECT coalesce(p.chosen_time_zone, p.time_zone) FROM notification_preferences p WHERE p.user_id = ${userId}::uuid),
      i.time_zone) AS "timeZone" FROM installation i`;
  return row?.timeZone ?? "UTC";
}
