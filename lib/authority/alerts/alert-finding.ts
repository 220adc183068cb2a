import type { AlertDetails } from "@/lib/domain/alerts/alert-sentence";
import { type AlertKind, type AlertSeverity, alertDescriptions } from "@/lib/domain/alerts/alerts";
import { Prisma } from "@/lib/platform/generated/client";

/** Something that deserves an alert now. `subject` distinguishes it from others of its kind at its resource. */
export interface AlertFinding {
  readonly kind: AlertKind;
  readonly resourceId: string;
  readonly subject: string;
  readonly roleDefinitionId?: string | null;
  readonly principalId?: string | null;
  readonly eligibilityId?: string | null;
  readonly assignmentId?: string | null;
  readonly details: AlertDetails;
  /** Set if it differs from that of the kind. */
  readonly severity?: AlertSeverity;
}

/** The resources that a scan looks at. A query names them `r`. */
export const wholeTree = Prisma.sql`resources`;

/** A resource and everything below it, with the paths that they would have after a move. */
export function movedTree(path: string, movedPath: string): Prisma.Sql {
  return Prisma.sql`(
    SELECT each.id, each.parent_id, ${movedPath}::text || substr(each.path, ${path.length + 1}::int) AS path
    FROM resources each WHERE each.path >= ${path}::text AND each.path < ${path}::text || '/')`;
}

/**
 * What a scan found of one kind. New findings come first, then those whose alert was seen longest ago. So if there
 * are more findings than one scan handles, each gets its turn. An open alert that was last seen before `seenBefore`
 * and was not found is resolved. Null: nothing is known about those that were not found.
 */
export interface FoundOfKind {
  readonly kind: AlertKind;
  readonly findings: readonly AlertFinding[];
  readonly reach: "everything" | { readonly seenBefore: Date | null };
}

/** The same, with the findings that have no open alert yet. */
export interface FoundAnew extends FoundOfKind {
  readonly fresh: readonly AlertFinding[];
}

/** When the open alert of a finding was last seen; null for a new one. */
export interface SeenAt {
  readonly seenAt: Date | null;
}

/** Joins the open alert of a finding at the resource `r` as `known`. */
export function knownAlert(kind: AlertKind, subject: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    LEFT JOIN alerts known ON known.kind = ${kind}::alert_kind AND known.resource_id = r.id
      AND known.subject = ${subject}::text AND known.resolved_at IS NULL`;
}

/** The order in which findings are handled. */
export const newestThenLongestUnseen = Prisma.sql`known.seen_at NULLS FIRST`;

/** How far a scan reached with these rows, at most `atOnce` of them. */
export function reachOf(rows: readonly SeenAt[], atOnce: number): FoundOfKind["reach"] {
  if (rows.length < atOnce) return "everything";
  return { seenBefore: rows.at(-1)?.seenAt ?? null };
}

/** The findings of a kind in these rows, at most `atOnce` of them. */
export function foundBy<Row extends SeenAt>(
  kind: AlertKind,
  rows: readonly Row[],
  atOnce: number,
  findingOf: (row: Row) => Omit<AlertFinding, "kind">,
): FoundAnew {
  const findings = rows.map((row) => ({ kind, ...findingOf(row) }));
  const fresh = findings.filter((_finding, index) => rows[index]?.seenAt === null);
  return { kind, findings, reach: reachOf(rows, atOnce), fresh };
}

/** The nearest settings of a kind at or above the resource `r`, joined as `s`; null columns where none were made. */
export function settings(kind: AlertKind): Prisma.Sql {
  return Prisma.sql`
    LEFT JOIN LATERAL (
      SELECT own.enabled, own.threshold, own.percent FROM alert_settings own JOIN resources at ON at.id = own.resource_id
      WHERE own.kind = ${kind}::alert_kind AND own.resource_id = ANY (path_ids(r.path))
      ORDER BY length(at.path) DESC LIMIT 1) s ON true`;
}

/** The least number for an alert of a kind, where `settings` are joined. */
export function threshold(kind: AlertKind): Prisma.Sql {
  return Prisma.sql`coalesce(s.threshold, ${alertDescriptions[kind].threshold?.initial ?? 1}::int)`;
}
