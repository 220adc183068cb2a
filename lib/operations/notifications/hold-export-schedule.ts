import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { exportLimits, nextSending } from "@/lib/domain/notifications/export-schedule";
import { addMinutes } from "@/lib/domain/time/schedule";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { openSchedule } from "@/lib/operations/notifications/export-schedules";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** A schedule in the version that the administrator was shown. */
export interface ShownSchedule {
  readonly scheduleId: string;
  readonly expectedVersion: number;
}

/** Pauses a scheduled export. Mail that waits is not sent. */
export function pauseExportSchedule(
  database: Database,
  caller: Caller,
  input: ShownSchedule,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "ExportSchedulePaused" as const,
    caller,
    details: { scheduleId: input.scheduleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { schedule, entry } = await openSchedule(transaction, caller, input, attempt);
    if (schedule.pausedAt) {
      throw new Refusal({ code: "Conflict", message: "This scheduled export is already paused." }, entry);
    }
    await transaction.exportSchedule.update({
      where: { id: schedule.id },
      data: {
        pausedAt: await databaseNow(transaction),
        pauseReason: "ByHand",
        sendNow: false,
        version: { increment: 1 },
      },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}

/** Resumes a paused export. From then on it runs for the caller. Missed sendings are not made up for. */
export function resumeExportSchedule(
  database: Database,
  caller: Caller,
  input: ShownSchedule,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "ExportScheduleResumed" as const,
    caller,
    details: { scheduleId: input.scheduleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { schedule, entry } = await openSchedule(transaction, caller, input, attempt);
    if (!schedule.pausedAt) {
      throw new Refusal({ code: "Conflict", message: "This scheduled export is not paused." }, entry);
    }
    await transaction.exportSchedule.update({
      where: { id: schedule.id },
      data: {
        pausedAt: null,
        pauseReason: null,
        administratorId: caller.userId,
        nextAt: nextSending(schedule, schedule.timeZone, await databaseNow(transaction)),
        version: { increment: 1 },
      },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}

/** Deletes a scheduled export. Mail that waits is not sent. The log keeps what was sent to whom. */
export function deleteExportSchedule(
  database: Database,
  caller: Caller,
  input: ShownSchedule,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "ExportScheduleDeleted" as const,
    caller,
    details: { scheduleId: input.scheduleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { schedule, entry } = await openSchedule(transaction, caller, input, attempt);
    await transaction.exportSchedule.delete({ where: { id: schedule.id } });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}

/** Requests a sending now, besides the schedule. At most once an hour. */
export function sendExportNow(
  database: Database,
  caller: Caller,
  input: ShownSchedule,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "ExportSendingRequested" as const,
    caller,
    details: { scheduleId: input.scheduleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { schedule, entry } = await openSchedule(transaction, caller, input, attempt);
    const now = await databaseNow(transaction);
    const again = schedule.askedAt && addMinutes(schedule.askedAt, exportLimits.minutesBetweenRequests);
    const message = schedule.pausedAt
      ? "This scheduled export is paused. Resume it first."
      : again && again > now
        ? "Somebody asked for this export to be sent less than an hour ago. Try again later."
        : null;
    if (message) throw new Refusal({ code: "Conflict", message }, entry);
    await transaction.exportSchedule.update({
      where: { id: schedule.id },
      data: { askedAt: now, sendNow: true },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}
