import type { ImportSchedulePlan } from "@/lib/domain/gate/import-schedule-plan";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  type ConfiguredSources,
  importPlanFaults,
  importPlanInWords,
  importScheduleLimits,
  normalImportPlan,
} from "@/lib/domain/imports/import-schedule";
import { sameValue } from "@/lib/domain/roles/same-value";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { openImportSchedule, planOf } from "@/lib/operations/imports/import-schedules";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface SaveImportScheduleInput {
  /** Null for a new one. */
  readonly scheduleId: string | null;
  /** The version that the administrator was shown. Ignored for a new one. */
  readonly expectedVersion: number;
  readonly plan: ImportSchedulePlan;
  readonly configured: ConfiguredSources;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function saveImportScheduleOperation(
  input: Pick<SaveImportScheduleInput, "scheduleId" | "expectedVersion" | "plan">,
): ProtectedOperation {
  const { scheduleId, expectedVersion } = input;
  return {
    ...{ kind: "SaveImportSchedule", scheduleId, plan: normalImportPlan(input.plan) },
    expectedVersion: scheduleId === null ? 0 : expectedVersion,
  };
}

/**
 * Schedules an import, or changes one, which also resumes it if it was paused. It requires what an
 * import by hand requires, and always a step-up, since anyone who can write to its source acts through
 * it. From then on it runs for the person who saved it, so nobody can point another person's import at
 * a source of their own. A run under way stores nothing. Saving what is stored already changes nothing.
 */
export function saveImportSchedule(
  database: Database,
  caller: Caller,
  input: SaveImportScheduleInput,
): Promise<OperationResult<{ scheduleId: string; changed: boolean }>> {
  const plan = normalImportPlan(input.plan);
  const { scheduleId } = input;
  const attempt = {
    kind: scheduleId === null ? ("ImportScheduleCreated" as const) : ("ImportScheduleUpdated" as const),
    caller,
    justification: plan.justification?.slice(0, importScheduleLimits.reasonCharacters) ?? null,
    details: { fileName: plan.name.slice(0, importScheduleLimits.nameCharacters) },
  };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const opened =
      scheduleId === null
        ? null
        : await openImportSchedule(
            transaction,
            caller,
            { scheduleId, expectedVersion: input.expectedVersion },
            attempt,
          );
    const entry = opened?.entry ?? attempt;
    const faults = importPlanFaults(plan, input.configured);
    if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
    const before = opened && planOf(opened.schedule);
    if (
      opened?.schedule.pausedAt === null &&
      opened.schedule.administratorId === caller.userId &&
      sameValue(before, plan)
    )
      return { scheduleId: opened.schedule.id, changed: false };
    if (!opened) {
      // Two that are created at the same time meet here.
      const others = await transaction.$queryRaw<object[]>`
        SELECT id FROM import_schedules ORDER BY id FOR UPDATE`;
      if (others.length >= importScheduleLimits.schedules) {
        const message = `There may be at most ${importScheduleLimits.schedules} scheduled imports. Delete one first.`;
        throw new Refusal({ code: "Conflict", message }, entry);
      }
    }
    const operation = saveImportScheduleOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const now = await databaseNow(transaction);
    const data = { ...plan, administratorId: caller.userId, nextAt: now, runNow: true, failures: 0 };
    const saved = opened
      ? await transaction.importSchedule.update({
          where: { id: opened.schedule.id },
          data: {
            ...data,
            ...{ runId: null, leasedUntil: null, contentHash: null, differencesHash: null },
            ...{ pausedAt: null, pauseReason: null, version: { increment: 1 } },
          },
          select: { id: true },
        })
      : await transaction.importSchedule.create({ data, select: { id: true } });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: {
        ...entry.details,
        scheduleId: saved.id,
        ...(before ? { before: importPlanInWords(before) } : {}),
        after: importPlanInWords(plan),
        ...(opened?.schedule.pausedAt ? { resumed: true } : {}),
      },
    });
    return { scheduleId: saved.id, changed: true };
  });
}
