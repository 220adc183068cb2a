import { mayUntilCommit } from "@/lib/authority/rights-until-commit";
import {
  type ExportOutcome,
  exportNotice,
  listOfContents,
  nextSending,
  type PauseReason,
  timingInWords,
} from "@/lib/domain/notifications/export-schedule";
import { action } from "@/lib/domain/roles/permissions";
import { zoneInWords } from "@/lib/domain/time/zone-names";
import { loadSchedule, type StoredSchedule } from "@/lib/operations/notifications/export-schedules";
import { queueMail } from "@/lib/operations/notifications/notify-people";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** Whether a scheduled export is due. */
export async function exportsAreDue(database: Database): Promise<boolean> {
  const [row] = await inTransaction(
    database,
    (transaction) => transaction.$queryRaw<{ due: boolean }[]>`
      SELECT EXISTS (SELECT FROM export_schedules WHERE paused_at IS NULL AND next_at <= postern_now())
        OR EXISTS (SELECT FROM export_schedules WHERE send_now AND paused_at IS NULL) AS due`,
  );
  return row?.due ?? false;
}

/**
 * Queues the mail of every export that is due. Each is one transaction with the time of the next one,
 * so that nothing is queued twice, whenever a worker stops. The file is made when the mail is sent. If
 * several sendings were missed, one is sent. Returns how many mails were queued.
 */
export async function queueExports(database: Database): Promise<number> {
  let queued = 0;
  for (;;) {
    const count = await inTransaction(database, queueNext);
    if (count === null) return queued;
    queued += count;
  }
}

/** Queues the first one that is due and that no other worker has taken; null if there is none. */
async function queueNext(transaction: Transaction): Promise<number | null> {
  const [due] = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM export_schedules WHERE paused_at IS NULL AND (next_at <= postern_now() OR send_now)
    ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;
  const schedule = due && (await loadSchedule(transaction, due.id, true));
  if (!schedule) return null;
  const { administrator, resource } = schedule;
  const now = await databaseNow(transaction);
  const allowed = await mayUntilCommit(transaction, administrator.id, action.writeRoleSettings, resource.id);
  if (administrator.disabledAt || !allowed) {
    await pause(transaction, schedule, administrator.disabledAt ? "Disabled" : "RightLost", now);
    return 0;
  }
  await transaction.exportSchedule.update({
    where: { id: schedule.id },
    data: { sendNow: false, sentAt: now, nextAt: nextSending(schedule, schedule.timeZone, now) },
  });
  return queueFor(transaction, schedule, now);
}

async function pause(
  transaction: Transaction,
  schedule: StoredSchedule,
  reason: PauseReason,
  now: Date,
): Promise<void> {
  const { id, contents, resource, administrator } = schedule;
  await transaction.exportSchedule.update({
    where: { id },
    data: { pausedAt: now, pauseReason: reason, sendNow: false, version: { increment: 1 } },
  });
  await recordAuditEvent(transaction, {
    kind: "ExportSchedulePaused",
    outcome: "Success",
    resource,
    details: {
      list: listOfContents(contents),
      scheduleId: id,
      administratorId: administrator.id,
      administratorName: administrator.displayName,
      pauseReason: reason,
      reason: reason === "Disabled" ? "The administrator is disabled." : "The administrator lost the right.",
    },
  });
}

async function queueFor(transaction: Transaction, schedule: StoredSchedule, now: Date): Promise<number> {
  const { id, contents, resource, administrator, timeZone } = schedule;
  const notice = exportNotice({
    ...schedule,
    resourceId: resource.id,
    resourceName: resource.displayName,
    administratorName: administrator.displayName,
    words: `${timingInWords(schedule)} (${zoneInWords(timeZone)})`,
  });
  const people = await transaction.$queryRaw<
    { id: string; email: string; disabledAt: Date | null; muted: boolean }[]
  >`
    SELECT p.id, p.email, p.disabled_at AS "disabledAt", coalesce('exports' = ANY (n.muted_categories), false) AS muted
    FROM export_recipients e JOIN principals p ON p.id = e.principal_id
    LEFT JOIN notification_preferences n ON n.user_id = p.id
    WHERE e.schedule_id = ${id}::uuid AND p.email IS NOT NULL ORDER BY p.id`;
  let queued = 0;
  for (const { id: recipientId, email, disabledAt, muted } of people) {
    const readable = await mayUntilCommit(transaction, recipientId, permissionToRead(contents), resource.id);
    const outcome: ExportOutcome = disabledAt
      ? "Disabled"
      : !readable
        ? "NotAllowed"
        : muted
          ? "Muted"
          : "Waiting";
    await transaction.exportRecipient.updateMany({
      where: { scheduleId: id, principalId: recipientId },
      data: { outcome, outcomeAt: now },
    });
    if (outcome !== "Waiting") continue;
    const subjectKey = `export:${id}:${recipientId}:${now.toISOString()}`;
    await queueMail(transaction, [{ recipientId, address: email, subjectKey, notice, exportScheduleId: id }]);
    queued += 1;
  }
  return queued;
}

/** The permission that somebody needs at a resource to export it. */
export function permissionToRead(contents: StoredSchedule["contents"]) {
  return contents === "RoleSettings" ? action.readRoleSettings : action.readAssignments;
}
