import type { ImportSchedulePlan, ImportSource } from "@/lib/domain/gate/import-schedule-plan";
import { importSources } from "@/lib/domain/imports/import-schedule";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { ImportSchedule } from "@/lib/platform/generated/client";

type Entry = Omit<AuditEntry, "outcome">;

/** A scheduled import in the version that the administrator was shown. */
export interface ShownImportSchedule {
  readonly scheduleId: string;
  readonly expectedVersion: number;
}

/** The source as the database stores it. A check constraint allows only these. */
export function sourceOf(text: string): ImportSource {
  return importSources.find((each) => each === text) ?? "Folder";
}

export function planOf(stored: ImportSchedule): ImportSchedulePlan {
  const { name, location, everyMinutes, applies, justification, capToMaximum, removeMembers } = stored;
  const { removalPercent, removals } = stored;
  return {
    ...{ name, source: sourceOf(stored.source), location, everyMinutes, applies, justification },
    ...{ capToMaximum, removeMembers, removalPercent, removals },
  };
}

/**
 * Opens and locks a scheduled import for a change. Refuses callers who may not manage people at the
 * root, as an import by hand does; an unknown one; and a change that is based on an older version.
 */
export async function openImportSchedule<Attempt extends Entry>(
  transaction: Transaction,
  caller: Caller,
  { scheduleId, expectedVersion }: ShownImportSchedule,
  attempt: Attempt,
) {
  await requirePrincipalManager(transaction, caller, attempt);
  await transaction.$queryRaw`SELECT FROM import_schedules WHERE id = ${scheduleId}::uuid FOR UPDATE`;
  const schedule = await transaction.importSchedule.findUnique({ where: { id: scheduleId } });
  if (!schedule) throw new Refusal(notFound, attempt);
  const entry = { ...attempt, details: { ...attempt.details, scheduleId, fileName: schedule.name } };
  if (schedule.version !== expectedVersion) {
    const message = "Somebody else changed this scheduled import after you opened it. Reload the page.";
    throw new Refusal({ code: "StaleEdit", message }, entry);
  }
  return { schedule, entry };
}

/** A run of a scheduled import. It belongs to its worker alone until its lease ends. */
export interface ImportRun {
  readonly runId: string;
  /** The plan as it was when the run began. */
  readonly schedule: ImportSchedule;
  readonly plan: ImportSchedulePlan;
  /** The person for whom it runs. */
  readonly actor: Actor;
}

/**
 * Locks the schedule of a run. False if the run no longer counts: somebody changed, paused or deleted
 * the schedule meanwhile, or another worker has taken it over.
 */
export async function lockRun(transaction: Transaction, run: ImportRun): Promise<boolean> {
  const rows = await transaction.$queryRaw<object[]>`
    SELECT id FROM import_schedules
    WHERE id = ${run.schedule.id}::uuid AND run_id = ${run.runId}::uuid FOR UPDATE`;
  return rows.length > 0;
}
