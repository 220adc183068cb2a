import { createHash } from "node:crypto";
import type { ResourceFacts } from "@/lib/authority/authority";
import { storedWaiting } from "@/lib/authority/request-basis";
import type { AlertKind } from "@/lib/domain/alerts/alerts";
import { idsOnPath } from "@/lib/domain/resources/resource-path";
import { mostAccessRetired, mostRetired } from "@/lib/domain/resources/retire";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { pathWithin } from "@/lib/platform/sql/path-below";

/** What ends at a resource or below when it is retired. */
export interface EndedByRetiring {
  readonly id: string;
  readonly kind: "Active" | "Activation" | "Eligible" | "Request";
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly writesAuthorization: boolean;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
}

/** A role that is held or can be activated above the resource, and no longer reaches it. `holders` says by how many. */
export interface CeasesToReach {
  readonly access: "Eligible" | "Active";
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly writesAuthorization: boolean;
  readonly placeId: string;
  readonly placeName: string;
  readonly holders: number;
}

/** Something at a resource or below that no longer has anything to judge, raise or send. */
export type ConcernedByRetiring = {
  readonly placeId: string;
  readonly placeName: string;
} & (
  | { readonly kind: "Settings" | "ConflictRule" | "Role" | "Export"; readonly name: string }
  | { readonly kind: "AlertSettings" | "Alert"; readonly name: AlertKind }
);

/** What must be settled before a resource is retired. Otherwise retiring would be a way to get rid of it. */
export interface KeepsFromRetiring {
  readonly kind: "Review" | "Emergency" | "BreakGlassAccount";
  readonly name: string;
  readonly placeName: string;
}

/** Everything that retiring a resource with all below it does. */
export interface RetireFacts {
  readonly ended: readonly EndedByRetiring[];
  readonly ceasing: readonly CeasesToReach[];
  readonly concerned: readonly ConcernedByRetiring[];
  readonly kept: readonly KeepsFromRetiring[];
  readonly resources: number;
  /** The same facts give the same text. It proves that what was shown is what is done. */
  readonly preview: string;
}

const stands = (row: Prisma.Sql) =>
  Prisma.sql`(${row}.ends_at IS NULL OR (${row}.ends_at > postern_now() AND ${row}.ends_at > ${row}.starts_at))`;

/** The resource and everything below it, as `below`. At most one more than can be retired at once. */
const below = (resourceId: string) => Prisma.sql`
  below AS MATERIALIZED (
    SELECT r.id, r.display_name, r.scope FROM resources top JOIN resources r ON ${pathWithin("r.path", "top.path")}
    WHERE top.id = ${resourceId}::uuid LIMIT ${mostRetired + 1})`;

/** Reads everything that retiring a resource changes. Of each kind, at most one more than is allowed. */
export async function readRetirement(
  transaction: Transaction,
  resource: ResourceFacts,
): Promise<RetireFacts> {
  const ended = await endedAt(transaction, resource);
  const ceasing = await ceasingAbove(transaction, resource);
  const concerned = await concernedAt(transaction, resource);
  const kept = await keptAt(transaction, resource);
  const [size] = await transaction.$queryRaw<{ resources: number; ids: string }[]>`
    WITH ${below(resource.id)}
    SELECT count(*)::int AS resources, md5(coalesce(string_agg(id::text, ' ' ORDER BY id), '')) AS ids FROM below`;
  const { resources, ids } = size ?? { resources: 0, ids: "" };
  const shown = [
    [resource.id, resource.scope, resource.path, ids],
    ended.map(({ id, kind, endsAt }) => [id, kind, endsAt]),
    ceasing.map(({ access, roleDefinitionId, placeId, holders }) => [
      access,
      roleDefinitionId,
      placeId,
      holders,
    ]),
    // Alerts come and go with every scan, and retiring does nothing about them.
    concerned.flatMap(({ kind, name, placeId }) => (kind === "Alert" ? [] : [[kind, name, placeId]])),
  ];
  const preview = createHash("sha256").update(JSON.stringify(shown)).digest("hex");
  return { ended, ceasing, concerned, kept, resources, preview };
}

function endedAt(transaction: Transaction, resource: ResourceFacts) {
  return transaction.$queryRaw<EndedByRetiring[]>`
    WITH ${below(resource.id)}
    SELECT x.id, x.kind, x.principal_id AS "principalId", d.id AS "roleDefinitionId", d.role_name AS "roleName",
      d.writes_authorization AS "writesAuthorization", b.id AS "resourceId", b.display_name AS "resourceName", b.scope,
      x.starts_at AS "startsAt", x.ends_at AS "endsAt"
    FROM (
      SELECT a.id, CASE a.assignment_type WHEN 'Activated' THEN 'Activation' ELSE 'Active' END AS kind, a.principal_id,
        a.role_definition_id, a.resource_id, a.starts_at, a.ends_at
      FROM assignments a WHERE a.resource_id IN (SELECT id FROM below) AND ${stands(Prisma.sql`a`)}
      UNION ALL
      SELECT e.id, 'Eligible', e.principal_id, e.role_definition_id, e.resource_id, e.starts_at, e.ends_at
      FROM eligibilities e WHERE e.resource_id IN (SELECT id FROM below) AND ${stands(Prisma.sql`e`)}
      UNION ALL
      SELECT q.id, 'Request', q.principal_id, q.role_definition_id, q.resource_id, NULL, NULL
      FROM requests q WHERE ${storedWaiting("q")} AND q.resource_id IN (SELECT id FROM below)) x
    JOIN role_definitions d ON d.id = x.role_definition_id JOIN below b ON b.id = x.resource_id
    ORDER BY x.kind, lower(d.role_name), x.id LIMIT ${mostAccessRetired + 1}`;
}

function ceasingAbove(transaction: Transaction, { path }: ResourceFacts) {
  const above = idsOnPath(path).slice(0, -1);
  return transaction.$queryRaw<CeasesToReach[]>`
    SELECT x.access, d.id AS "roleDefinitionId", d.role_name AS "roleName",
      d.writes_authorization AS "writesAuthorization", r.id AS "placeId", r.display_name AS "placeName", count(DISTINCT x.principal_id)::int AS holders
    FROM (
      SELECT 'Active' AS access, a.principal_id, a.role_definition_id, a.resource_id
      FROM assignments a WHERE a.resource_id = ANY (${above}::uuid[]) AND ${stands(Prisma.sql`a`)}
      UNION ALL
      SELECT 'Eligible', e.principal_id, e.role_definition_id, e.resource_id
      FROM eligibilities e WHERE e.resource_id = ANY (${above}::uuid[]) AND ${stands(Prisma.sql`e`)}) x
    JOIN role_definitions d ON d.id = x.role_definition_id JOIN resources r ON r.id = x.resource_id
    GROUP BY x.access, d.id, r.id ORDER BY r.path DESC, x.access, lower(d.role_name), d.id
    LIMIT ${mostAccessRetired + 1}`;
}

function concernedAt(transaction: Transaction, resource: ResourceFacts) {
  return transaction.$queryRaw<ConcernedByRetiring[]>`
    WITH ${below(resource.id)}
    SELECT x.kind, x.name, b.id AS "placeId", b.display_name AS "placeName" FROM (
      SELECT 'Settings' AS kind, d.role_name AS name, p.resource_id FROM role_management_policies p
      JOIN role_definitions d ON d.id = p.role_definition_id
      WHERE p.resource_id IN (SELECT id FROM below) AND p.version > 0
      UNION ALL
      SELECT 'ConflictRule', k.name, k.resource_id FROM conflict_rules k WHERE k.resource_id IN (SELECT id FROM below)
      UNION ALL
      SELECT 'AlertSettings', s.kind::text, s.resource_id FROM alert_settings s
      WHERE s.resource_id IN (SELECT id FROM below)
      UNION ALL
      SELECT DISTINCT 'Alert', a.kind::text, a.resource_id FROM alerts a
      WHERE a.resolved_at IS NULL AND a.resource_id IN (SELECT id FROM below)
      UNION ALL
      SELECT 'Export', s.contents, s.resource_id FROM export_schedules s WHERE s.resource_id IN (SELECT id FROM below)
      UNION ALL
      SELECT 'Role', d.role_name, at.id FROM role_definitions d CROSS JOIN LATERAL unnest(d.assignable_scopes) AS each
      JOIN below at ON lower(at.scope) = lower(each) WHERE d.role_type = 'CustomRole' AND d.deleted_at IS NULL) x
    JOIN below b ON b.id = x.resource_id
    ORDER BY x.kind, lower(x.name), b.id LIMIT ${mostAccessRetired + 1}`;
}

/**
 * Reviews that wait or run there, or judge access there; emergencies that nobody has reviewed; access
 * of break-glass accounts themselves.
 */
function keptAt(transaction: Transaction, resource: ResourceFacts) {
  return transaction.$queryRaw<KeepsFromRetiring[]>`
    WITH ${below(resource.id)}
    SELECT DISTINCT x.kind, x.name, b.display_name AS "placeName" FROM (
      SELECT 'Review' AS kind, v.name, v.resource_id FROM access_reviews v
      WHERE v.state NOT IN ('Applied', 'Stopped') AND v.resource_id IN (SELECT id FROM below)
      UNION ALL
      SELECT 'Review', v.name, i.resource_id FROM access_reviews v JOIN access_review_items i ON i.review_id = v.id
      WHERE v.state IN ('InProgress', 'Completed', 'Applying') AND i.outcome IS NULL
        AND i.resource_id IN (SELECT id FROM below)
      UNION ALL
      SELECT 'Emergency', m.display_name, g.resource_id FROM break_glass_reviews g JOIN principals m ON m.id = g.member_id
      WHERE g.closed_at IS NULL AND g.resource_id IN (SELECT id FROM below)
      UNION ALL
      SELECT 'BreakGlassAccount', p.display_name, x.resource_id FROM break_glass_accounts g
      JOIN principals p ON p.id = g.user_id CROSS JOIN LATERAL (
        SELECT a.resource_id FROM assignments a WHERE a.principal_id = g.user_id AND a.assignment_type = 'Assigned'
          AND ${stands(Prisma.sql`a`)}
        UNION ALL
        SELECT e.resource_id FROM eligibilities e WHERE e.principal_id = g.user_id AND ${stands(Prisma.sql`e`)}) x
      WHERE x.resource_id IN (SELECT id FROM below)) x
    JOIN below b ON b.id = x.resource_id ORDER BY 1, 2, 3 LIMIT 10`;
}
