import { may } from "@/lib/authority/authority";
import {
  type ExportContents,
  type ExportFrequency,
  type ExportOutcome,
  exportLimits,
  type PauseReason,
} from "@/lib/domain/notifications/export-schedule";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";

export interface ScheduledRecipient {
  readonly person: PrincipalIdentity;
  readonly disabled: boolean;
  readonly outcome: ExportOutcome | null;
}

/** A scheduled export, as its page shows it. */
export interface ScheduledExport {
  readonly id: string;
  readonly version: number;
  readonly contents: ExportContents;
  readonly includeBelow: boolean;
  readonly frequency: ExportFrequency;
  readonly day: number | null;
  readonly hour: number;
  readonly timeZone: string;
  readonly administrator: PrincipalIdentity;
  readonly nextAt: Date;
  readonly sentAt: Date | null;
  /** Somebody requested a sending that has not happened yet. */
  readonly sendNow: boolean;
  readonly pausedAt: Date | null;
  readonly pauseReason: PauseReason | null;
  readonly recipients: readonly ScheduledRecipient[];
}

/** The scheduled exports of a resource; null for callers who may not edit role settings there. */
export function exportSchedules(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<ScheduledExport[] | null> {
  return readOnce(database, async (client) => {
    if (!(await may(client, caller.userId, action.writeRoleSettings, resourceId))) return null;
    return client.$queryRaw<ScheduledExport[]>`
      SELECT s.id, s.version, s.contents, s.include_below AS "includeBelow", s.frequency, s.day, s.hour,
        s.time_zone AS "timeZone", ${identityColumn("a")} AS administrator, s.next_at AS "nextAt",
        s.sent_at AS "sentAt", s.send_now AS "sendNow", s.paused_at AS "pausedAt", s.pause_reason AS "pauseReason",
        (SELECT coalesce(jsonb_agg(jsonb_build_object('person', ${identityColumn("p")},
            'disabled', p.disabled_at IS NOT NULL, 'outcome', e.outcome) ORDER BY lower(p.display_name), p.id), '[]')
          FROM export_recipients e JOIN principals p ON p.id = e.principal_id WHERE e.schedule_id = s.id) AS recipients
      FROM export_schedules s JOIN principals a ON a.id = s.administrator_id
      WHERE s.resource_id = ${resourceId}::uuid
      ORDER BY s.created_at, s.id LIMIT ${exportLimits.atResource}`;
  });
}

/** What a schedule is to send to somebody now. */
export interface ExportToSend {
  readonly resourceId: string;
  readonly contents: ExportContents;
  readonly includeBelow: boolean;
  readonly paused: boolean;
  readonly administratorName: string;
  readonly displayName: string;
  readonly email: string;
  readonly disabled: boolean;
}

/** The same. Null if the schedule is gone or they are no longer a recipient of it. */
export function exportToSend(
  database: Database,
  { scheduleId, recipientId }: { readonly scheduleId: string; readonly recipientId: string },
): Promise<ExportToSend | null> {
  return readOnce(database, async (client) => {
    const [row] = await client.$queryRaw<ExportToSend[]>`
      SELECT s.resource_id AS "resourceId", s.contents, s.include_below AS "includeBelow",
        s.paused_at IS NOT NULL AS paused, a.display_name AS "administratorName", p.display_name AS "displayName",
        p.email, p.disabled_at IS NOT NULL AS disabled
      FROM export_schedules s JOIN export_recipients e ON e.schedule_id = s.id
      JOIN principals p ON p.id = e.principal_id JOIN principals a ON a.id = s.administrator_id
      WHERE s.id = ${scheduleId}::uuid AND e.principal_id = ${recipientId}::uuid`;
    return row ?? null;
  });
}
