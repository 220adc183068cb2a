import { importHandledBy, importsHandledWithRoles } from "@/lib/authority/import-authority";
import type { ImportSchedulePlan } from "@/lib/domain/gate/import-schedule-plan";
import {
  type ImportPauseReason,
  type ImportRunOutcome,
  importScheduleLimits,
} from "@/lib/domain/imports/import-schedule";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { peopleRights } from "@/lib/queries/people/people";

/** A scheduled import, as its page shows it. */
export interface ScheduledImport extends ImportSchedulePlan {
  readonly id: string;
  readonly version: number;
  readonly administrator: PrincipalIdentity;
  readonly nextAt: Date;
  /** It is due, or somebody requested a run that has not happened yet. */
  readonly runNow: boolean;
  readonly running: boolean;
  readonly runAt: Date | null;
  readonly outcome: ImportRunOutcome | null;
  readonly message: string | null;
  /** The last preview, if the reader may see it. */
  readonly importId: string | null;
  readonly pausedAt: Date | null;
  readonly pauseReason: ImportPauseReason | null;
}

/** The scheduled imports; null for callers who may not import. */
export function listImportSchedules(database: Database, caller: Caller): Promise<ScheduledImport[] | null> {
  return readOnce(database, async (client) => {
    if (!(await peopleRights(client, caller)).write) return null;
    const rows = await client.$queryRaw<ScheduledImport[]>`
      SELECT s.id, s.name, s.source, s.location, s.every_minutes AS "everyMinutes", s.applies, s.justification,
        s.cap_to_maximum AS "capToMaximum", s.remove_members AS "removeMembers", s.removal_percent AS "removalPercent",
        s.removals, s.version, ${identityColumn("a")} AS administrator, s.next_at AS "nextAt",
        s.run_now OR s.next_at <= postern_now() AS "runNow",
        coalesce(s.leased_until > postern_now(), false) AS running, s.run_at AS "runAt", s.outcome, s.message,
        (SELECT i.id FROM imports i WHERE i.id = s.import_id AND ${importHandledBy(caller.userId)}) AS "importId",
        s.paused_at AS "pausedAt", s.pause_reason AS "pauseReason"
      FROM import_schedules s JOIN principals a ON a.id = s.administrator_id
      ORDER BY s.created_at, s.id LIMIT ${importScheduleLimits.schedules}`;
    const shown = await importsHandledWithRoles(
      client,
      caller.userId,
      rows.flatMap(({ importId }) => importId ?? []),
    );
    return rows.map((row) => ({
      ...row,
      importId: row.importId !== null && shown.has(row.importId) ? row.importId : null,
    }));
  });
}
