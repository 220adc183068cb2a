import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { importScheduleLimits } from "@/lib/domain/imports/import-schedule";
import { addMinutes } from "@/lib/domain/time/schedule";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { openImportSchedule, type ShownImportSchedule } from "@/lib/operations/imports/import-schedules";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** Pauses a scheduled import. A run under way stores nothing. An import that is being applied continues. */
export function pauseImportSchedule(
  database: Database,
  caller: Caller,
  input: ShownImportSchedule,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "ImportSchedulePaused" as const,
    caller,
    details: { scheduleId: input.scheduleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { schedule, entry } = await openImportSchedule(transaction, caller, input, attempt);
    if (schedule.pausedAt)
      throw new Refusal({ code: "Conflict", message: "This scheduled import is already paused." }, entry);
    await transaction.importSchedule.update({
      where: { id: schedule.id },
      data: {
        ...{ pausedAt: await databaseNow(transaction), pauseReason: "ByHand", runNow: false },
        ...{ runId: null, leasedUntil: null, version: { increment: 1 } },
      },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}

/** Deletes a scheduled import. Its previews stay, and so does what it changed. */
export function deleteImportSchedule(
  database: Database,
  caller: Caller,
  input: ShownImportSchedule,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "ImportScheduleDeleted" as const,
    caller,
    details: { scheduleId: input.scheduleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { schedule, entry } = await openImportSchedule(transaction, caller, input, attempt);
    await transaction.importSchedule.delete({ where: { id: schedule.id } });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}

/** Requests a run now. It makes a preview even if the content is the same as before. */
export function requestImportRun(
  database: Database,
  caller: Caller,
  input: ShownImportSchedule,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "ImportRunRequested" as const,
    caller,
    details: { scheduleId: input.scheduleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { schedule, entry } = await openImportSchedule(transaction, caller, input, attempt);
    const now = await databaseNow(transaction);
    const again =
      schedule.askedAt && addMinutes(schedule.askedAt, importScheduleLimits.minutesBetweenRequests);
    const message = schedule.pausedAt
      ? "This scheduled import is paused. Resume it first."
      : again && again > now
        ? `Somebody asked for a run less than ${importScheduleLimits.minutesBetweenRequests} minutes ago. Try again later.`
        : null;
    if (message) throw new Refusal({ code: "Conflict", message }, entry);
    await transaction.importSchedule.update({
      where: { id: schedule.id },
      data: { askedAt: now, runNow: true },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}
