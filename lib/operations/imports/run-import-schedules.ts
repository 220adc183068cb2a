import { createHash, randomUUID } from "node:crypto";
import { rootResource } from "@/lib/authority/authority";
import { mayUntilCommit } from "@/lib/authority/rights-until-commit";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { type ImportPauseReason, importScheduleLimits } from "@/lib/domain/imports/import-schedule";
import { action } from "@/lib/domain/roles/permissions";
import { addMinutes } from "@/lib/domain/time/schedule";
import { finishImportRun, type RunResult } from "@/lib/operations/imports/finish-import-run";
import { type ImportRun, lockRun, planOf, sourceOf } from "@/lib/operations/imports/import-schedules";
import { judgeFiles } from "@/lib/operations/imports/stage-files";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { readImportSource } from "@/lib/platform/import-files/import-reader";
import type { ImportSources, SourceRead } from "@/lib/platform/import-files/import-sources";
import { readSeveral } from "@/lib/platform/import-files/several-import-files";
import { databaseNow, inTransaction, readOnce } from "@/lib/platform/transaction";

/** Whether a scheduled import is due that no worker has taken. */
export async function importRunsAreDue(database: Database): Promise<boolean> {
  const [row] = await readOnce(
    database,
    (client) => client.$queryRaw<{ due: boolean }[]>`
      SELECT EXISTS (SELECT FROM import_schedules WHERE paused_at IS NULL AND (next_at <= postern_now() OR run_now)
        AND (leased_until IS NULL OR leased_until <= postern_now())) AS due`,
  );
  return row?.due ?? false;
}

/**
 * Runs every scheduled import that is due, one after the other. A run belongs to its worker for some
 * minutes. If the worker stops, another one starts the run again, and the interrupted attempt counts as
 * a failure. What it reads is judged and stored as an import, with the rights that its administrator
 * has now. Returns how many ran. A fault does not stop the others. It is thrown at the end.
 */
export async function runImportSchedules(database: Database, sources: ImportSources): Promise<number> {
  const faults: unknown[] = [];
  let count = 0;
  for (;;) {
    const taken = await inTransaction(database, takeNext);
    if (taken === null) break;
    if (taken === "paused") continue;
    count += 1;
    try {
      await runOne(database, sources, taken);
    } catch (fault) {
      faults.push(fault);
      await failRun(
        database,
        taken,
        "It failed because of a fault in Postern, or took too long. The Background jobs page shows the error.",
      );
    }
  }
  if (faults.length > 0) throw faults[0];
  return count;
}

/** Takes the first that is due for this worker, or pauses it if it may not run. Null if there is none. */
async function takeNext(transaction: Transaction): Promise<ImportRun | "paused" | null> {
  const [due] = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM import_schedules WHERE paused_at IS NULL AND (next_at <= postern_now() OR run_now)
      AND (leased_until IS NULL OR leased_until <= postern_now())
    ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`;
  if (!due) return null;
  const schedule = await transaction.importSchedule.findUniqueOrThrow({
    where: { id: due.id },
    include: { administrator: { select: { id: true, displayName: true, disabledAt: true } } },
  });
  const { administrator } = schedule;
  const root = await rootResource(transaction);
  const allowed = await mayUntilCommit(transaction, administrator.id, action.writePrincipals, root.id);
  const run: ImportRun = {
    runId: randomUUID(),
    schedule,
    plan: planOf(schedule),
    actor: { userId: administrator.id, displayName: administrator.displayName },
  };
  // The worker that had it ended without a result, perhaps because of what it read.
  const failures = schedule.failures + (schedule.runId === null ? 0 : 1);
  const reason: ImportPauseReason | null = administrator.disabledAt
    ? "Disabled"
    : !allowed
      ? "RightLost"
      : failures >= importScheduleLimits.failures
        ? "Failed"
        : null;
  const now = await databaseNow(transaction);
  if (reason !== null) {
    await pause(transaction, run, reason, now);
    return "paused";
  }
  const leasedUntil = addMinutes(now, importScheduleLimits.leaseMinutes);
  await transaction.importSchedule.update({
    where: { id: schedule.id },
    data: { runId: run.runId, leasedUntil, failures },
  });
  return run;
}

/** Reads, judges and stores. */
async function runOne(database: Database, sources: ImportSources, run: ImportRun): Promise<void> {
  const { schedule, plan, actor } = run;
  const read = await readImportSource(sources, { ...plan, source: sourceOf(schedule.source) });
  if (!read.ok) return failRun(database, run, read.message);
  const contentHash = hashOf(read.files);
  if (!schedule.runNow && schedule.contentHash && contentHash.equals(schedule.contentHash))
    return endRun(database, run, { contentHash, judged: null });
  const { capToMaximum, removeMembers } = plan;
  const judged = await judgeFiles(database, actor, {
    ...{ files: readSeveral(read.files), capToMaximum, removeMembers },
  });
  if (!judged.ok) return failRun(database, run, errorMessage(judged.error));
  return endRun(database, run, { contentHash, judged });
}

async function endRun(database: Database, run: ImportRun, result: RunResult): Promise<void> {
  const refused = await finishImportRun(database, run, result);
  if (refused !== null) await failRun(database, run, refused);
}

/** Distinguishes one content from another: the names and the content of each file. */
function hashOf(files: Extract<SourceRead, { readonly ok: true }>["files"]): Buffer {
  const hash = createHash("sha256");
  for (const { name, bytes } of files)
    hash.update(`${Buffer.byteLength(name)} ${bytes.length} ${name}`).update(bytes);
  return hash.digest();
}

/** Records a failed run, which changed nothing. Its owner is notified of the first failure in a row, and when it pauses. */
async function failRun(database: Database, run: ImportRun, message: string): Promise<void> {
  await inTransaction(database, async (transaction) => {
    if (!(await lockRun(transaction, run))) return;
    const now = await databaseNow(transaction);
    const { id, name, failures: before } = run.schedule;
    const failures = before + 1;
    const shortened = message.slice(0, 2_000);
    await transaction.importSchedule.update({
      where: { id },
      data: {
        ...{ runAt: now, outcome: "Failed", message: shortened, failures, runNow: false },
        ...{ runId: null, leasedUntil: null, nextAt: addMinutes(now, run.plan.everyMinutes) },
      },
    });
    await recordAuditEvent(transaction, {
      kind: "ImportScheduleRan",
      outcome: "Failure",
      caller: run.actor,
      resource: await rootResource(transaction),
      details: {
        ...{ scheduleId: id, fileName: name, reason: shortened, failures, administratorId: run.actor.userId },
        ...(before === 0 ? { told: "Failed" } : {}),
      },
    });
    if (failures >= importScheduleLimits.failures) await pause(transaction, run, "Failed", now);
  });
}

async function pause(
  transaction: Transaction,
  { schedule, actor }: ImportRun,
  reason: ImportPauseReason,
  now: Date,
): Promise<void> {
  await transaction.importSchedule.update({
    where: { id: schedule.id },
    data: {
      ...{ pausedAt: now, pauseReason: reason, runNow: false, runId: null, leasedUntil: null },
      version: { increment: 1 },
    },
  });
  await recordAuditEvent(transaction, {
    kind: "ImportSchedulePaused",
    outcome: "Success",
    resource: await rootResource(transaction),
    details: {
      ...{ scheduleId: schedule.id, fileName: schedule.name, pauseReason: reason },
      ...{ administratorId: actor.userId, administratorName: actor.displayName },
    },
  });
}
