import { createHash } from "node:crypto";
import { rootResource } from "@/lib/authority/authority";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { severalKinds } from "@/lib/domain/imports/import-kinds";
import {
  exceedsRemovals,
  type ImportRunOutcome,
  importScheduleLimits,
} from "@/lib/domain/imports/import-schedule";
import { addMinutes } from "@/lib/domain/time/schedule";
import { Refusal } from "@/lib/operations/gate/refusal";
import { type ImportRun, lockRun } from "@/lib/operations/imports/import-schedules";
import { type FilesJudged, storeFiles } from "@/lib/operations/imports/stage-files";
import type { JudgedRow } from "@/lib/operations/imports/store-import";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

export interface RunResult {
  readonly contentHash: Buffer;
  /** Null if the content is the same as that of the last run. */
  readonly judged: FilesJudged | null;
}

/**
 * Ends a run in one transaction: stores what differs as an import that replaces the previous one. If the plan says so, it also
 * confirms the rows that require no code. A run that would remove too many members confirms nothing. If somebody changed the
 * schedule or the right was lost meanwhile, nothing is kept, and the answer says why; otherwise it is null.
 */
export async function finishImportRun(
  database: Database,
  run: ImportRun,
  { contentHash, judged }: RunResult,
): Promise<string | null> {
  try {
    await inTransaction(database, async (transaction) => {
      const { schedule } = run;
      const changes = judged ? await countsOf(transaction, judged.rows) : null;
      const differencesHash = judged && differencesOf(judged.rows);
      if (!judged || !changes || !differencesHash || changes.different === 0)
        return keepOutcome(transaction, run, {
          ...{ contentHash, outcome: judged ? "NothingToChange" : "SameContent" },
          ...(judged ? { differencesHash: null, importId: null } : {}),
        });
      const outcome = await outcomeOf(transaction, run, changes);
      // A run that would remove too much today is judged again later: it may be fine tomorrow.
      const over = outcome === "OverLimit";
      const read = over ? null : contentHash;
      const same = outcome !== "Applying" && (await sameAsBefore(transaction, run, differencesHash));
      if (same && !schedule.runNow)
        return keepOutcome(transaction, run, { contentHash: read, outcome: over ? outcome : "SameContent" });
      await discardFormer(transaction, run);
      const attempt = {
        kind: "ImportStaged" as const,
        caller: run.actor,
        details: { import: severalKinds, fileName: judged.fileName, scheduleId: schedule.id },
      };
      await storeFiles(transaction, run.actor, judged, attempt, schedule.id);
      await keepOutcome(transaction, run, {
        ...{ contentHash: read, differencesHash, importId: judged.importId, outcome, changes },
      });
      if (outcome === "Applying") await confirmUnattended(transaction, run, judged.importId, changes);
    });
    return null;
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return errorMessage(thrown.error);
  }
}

interface Changes {
  readonly add: number;
  readonly change: number;
  readonly remove: number;
  readonly bad: number;
  /** Rows that would change something or that are bad. */
  readonly different: number;
  /** Rows that change something and require no code. */
  readonly withoutCode: number;
  /** How many members the groups in the files have had for `removalHours`. */
  readonly members: number;
}

function outcomeOfRow({ verdict, stays }: JudgedRow) {
  return stays === null ? (verdict?.outcome ?? "Bad") : "Missing";
}

async function countsOf(transaction: Transaction, rows: readonly JudgedRow[]): Promise<Changes> {
  const count = (test: (row: JudgedRow) => boolean) => rows.filter(test).length;
  const of = (outcome: string) => count((row) => outcomeOfRow(row) === outcome);
  const [add, change, remove, bad] = [of("Add"), of("Change"), of("Remove"), of("Bad")];
  const changing = (row: JudgedRow) => ["Add", "Change", "Remove"].includes(outcomeOfRow(row));
  return {
    ...{ add, change, remove, bad, different: add + change + remove + bad },
    withoutCode: count((row) => changing(row) && !row.verdict?.needsProof),
    members: await membersOf(transaction, rows),
  };
}

/**
 * How many members the groups in the files have had for `removalHours`. Each counts once, even if a
 * file names it in several ways. Members whom this run or a recent one adds do not count. Otherwise
 * adding many members would allow removing many others.
 */
async function membersOf(transaction: Transaction, rows: readonly JudgedRow[]): Promise<number> {
  const pairs = rows.flatMap(({ verdict }) => {
    const found = verdict?.about?.principals ?? [];
    const id = (as: string) => found.find((each) => each.as === as)?.id ?? null;
    const [group, member] = [id("Group"), id("Member")];
    return group && member ? [{ group, member }] : [];
  });
  const [row] = await transaction.$queryRaw<{ members: number }[]>`
    SELECT count(*)::int AS members FROM group_members m
    JOIN (SELECT DISTINCT * FROM jsonb_to_recordset(${JSON.stringify(pairs)}::jsonb) AS p ("group" uuid, member uuid)) named
      ON named."group" = m.group_id AND named.member = m.member_id
    WHERE m.added_at <= postern_now() - make_interval(hours => ${importScheduleLimits.removalHours}::int)`;
  return row?.members ?? 0;
}

/** A digest of what differs. Neither the order of the rows nor unchanged rows matter. */
function differencesOf(rows: readonly JudgedRow[]): Buffer {
  const texts = rows.flatMap((each) => {
    const outcome = outcomeOfRow(each);
    if (outcome === "Unchanged" || outcome === "Missing") return [];
    const { row, verdict, of } = each;
    const { difference = null, about = null, reason = null, needsProof = false } = verdict ?? {};
    const fault = "fault" in row ? row.fault : null;
    return [JSON.stringify([of?.kind, outcome, row.title, fault, difference, about, reason, needsProof])];
  });
  return createHash("sha256").update(texts.sort().join("\n")).digest();
}

/** Whether the previous run's preview shows the same and still waits. */
async function sameAsBefore(
  transaction: Transaction,
  { schedule }: ImportRun,
  differencesHash: Buffer,
): Promise<boolean> {
  if (!schedule.differencesHash || !differencesHash.equals(schedule.differencesHash) || !schedule.importId)
    return false;
  const former = await transaction.import.findUnique({
    where: { id: schedule.importId },
    select: { status: true },
  });
  return former?.status === "Staged";
}

/** Discards the unconfirmed previews of earlier runs, which are outdated. */
async function discardFormer(transaction: Transaction, { schedule, actor }: ImportRun): Promise<void> {
  const former = await transaction.$queryRaw<{ id: string; fileName: string }[]>`
    UPDATE imports SET status = 'Discarded', finished_at = postern_now()
    WHERE schedule_id = ${schedule.id}::uuid AND status = 'Staged'
    RETURNING id, file_name AS "fileName"`;
  for (const { id, fileName } of former)
    await recordAuditEvent(transaction, {
      ...{ kind: "ImportDiscarded", outcome: "Success", caller: actor },
      details: { importId: id, fileName, import: severalKinds, scheduleId: schedule.id },
    });
}

async function outcomeOf(
  transaction: Transaction,
  { plan }: ImportRun,
  { remove, members, withoutCode }: Changes,
): Promise<ImportRunOutcome> {
  // If several runs end at once, each counts what the ones before it remove.
  if (remove > 0) await transaction.$queryRaw`SELECT id FROM import_schedules ORDER BY id FOR UPDATE`;
  const [row] = await transaction.$queryRaw<{ removed: number }[]>`
    SELECT count(*)::int AS removed FROM imports i JOIN import_rows r ON r.import_id = i.id
    WHERE i.unattended AND i.schedule_id IS NOT NULL AND r.outcome = 'Remove'
      AND (r.state = 'Applied' OR (r.state = 'Pending' AND i.status <> 'Discarded'))
      AND i.created_at > postern_now() - make_interval(hours => ${importScheduleLimits.removalHours}::int)`;
  const counted = { removing: remove, removedLately: row?.removed ?? 0, members };
  if (exceedsRemovals(plan, counted)) return "OverLimit";
  return plan.applies && withoutCode > 0 ? "Applying" : "Previewed";
}

/**
 * Confirms an import without a code, in the name of the person for whom it runs. Rows that require a
 * code wait for a person. The worker judges each row again, with the rights that person has then.
 */
async function confirmUnattended(
  transaction: Transaction,
  { plan, schedule, actor }: ImportRun,
  importId: string,
  { withoutCode }: Changes,
): Promise<void> {
  const { justification } = plan;
  const { digest, fileName } = await transaction.import.update({
    where: { id: importId },
    data: {
      ...{ status: "Applying", justification, unattended: true },
      ...{ confirmedAt: await databaseNow(transaction), confirmedById: actor.userId },
    },
    select: { digest: true, fileName: true },
  });
  await recordAuditEvent(transaction, {
    ...{ kind: "ImportConfirmed", outcome: "Success", caller: actor, justification },
    details: {
      ...{ importId, fileName, import: severalKinds, rows: withoutCode, digest },
      ...{ scheduleId: schedule.id, unattended: true },
    },
  });
}

interface Ended {
  readonly contentHash: Buffer | null;
  readonly differencesHash?: Buffer | null;
  readonly importId?: string | null;
  readonly outcome: ImportRunOutcome;
  readonly changes?: Changes;
}

/** Records the outcome of a run, with an event for what differs. Refuses if the run no longer counts. */
async function keepOutcome(transaction: Transaction, run: ImportRun, ended: Ended): Promise<void> {
  const { schedule, plan, actor } = run;
  if (!(await lockRun(transaction, run)))
    throw new Refusal({ code: "Conflict", message: "It was changed while it ran." }, null);
  const { contentHash, differencesHash, importId, outcome, changes } = ended;
  const now = await databaseNow(transaction);
  const bytes = (hash: Buffer) => new Uint8Array(hash);
  await transaction.importSchedule.update({
    where: { id: schedule.id },
    data: {
      ...{
        contentHash: contentHash && bytes(contentHash),
        outcome,
        message: null,
        runAt: now,
        failures: 0,
        runNow: false,
      },
      ...(differencesHash === undefined
        ? {}
        : { differencesHash: differencesHash && bytes(differencesHash) }),
      ...(importId === undefined ? {} : { importId }),
      ...{ runId: null, leasedUntil: null, nextAt: addMinutes(now, plan.everyMinutes) },
    },
  });
  if (!changes) return;
  const { add, change, remove, bad, members, different, withoutCode } = changes;
  await recordAuditEvent(transaction, {
    ...{ kind: "ImportScheduleRan", outcome: outcome === "OverLimit" ? "Failure" : "Success", caller: actor },
    resource: await rootResource(transaction),
    details: {
      ...{ scheduleId: schedule.id, fileName: schedule.name, importId, administratorId: actor.userId },
      ...{ add, change, remove, bad, members, needCode: different - bad - withoutCode, told: outcome },
    },
  });
}
