import { createHash } from "node:crypto";
import { type AlertsOfMove, alertsOfMove } from "@/lib/authority/alerts-of-move";
import type { ResourceFacts } from "@/lib/authority/authority";
import { storedWaiting } from "@/lib/authority/request-basis";
import { type WeakerSettings, weakerSettings } from "@/lib/authority/settings-of-move";
import { mostAccessMoved, mostMoved } from "@/lib/domain/resources/move";
import { idsOnPath } from "@/lib/domain/resources/resource-path";
import type { Transaction } from "@/lib/platform/database";
import { pathWithin } from "@/lib/platform/sql/path-below";

/** Access held at one of the resources above that a move brings to the resource or takes from it. */
export interface MovedAccess {
  readonly id: string;
  readonly access: "Eligible" | "Active";
  readonly activated: boolean;
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly writesAuthorization: boolean;
  readonly placeId: string;
  readonly placeName: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** True if it begins to apply, false if it ceases to. */
  readonly gained: boolean;
}

/** An activation or a waiting request at the resource or below that rests on an eligibility above it. */
export interface EndedByMove {
  readonly id: string;
  readonly kind: "Activation" | "Request";
  readonly principalId: string;
  readonly roleName: string;
  readonly resourceName: string;
}

/** Role settings or a conflict rule of a resource above that judge what happens here and below. */
export interface RuleOfPlace {
  readonly kind: "Settings" | "ConflictRule";
  readonly name: string;
  readonly placeId: string;
  readonly placeName: string;
  readonly begins: boolean;
}

/** Everything that a move changes. */
export interface MoveFacts {
  /** The resources above it that are only on the new path, and those that are only on the old one. */
  readonly gainedAt: readonly string[];
  readonly lostAt: readonly string[];
  /** Its path of ids at the new place. */
  readonly movedPath: string;
  readonly access: readonly MovedAccess[];
  readonly ended: readonly EndedByMove[];
  readonly rules: readonly RuleOfPlace[];
  readonly alerts: AlertsOfMove;
  readonly weakerSettings: readonly WeakerSettings[];
  /** How many resources are moved, and how many levels deep they go. */
  readonly resources: number;
  readonly levels: number;
  /** The same facts give the same text. It proves that what was shown is what is done. */
  readonly preview: string;
}

/** The resources above that are on only one of two paths. */
function placesOf(resource: Pick<ResourceFacts, "path">, to: Pick<ResourceFacts, "path">) {
  const before = idsOnPath(resource.path).slice(0, -1);
  const after = idsOnPath(to.path);
  return {
    above: before,
    lost: before.filter((id) => !after.includes(id)),
    gained: after.filter((id) => !before.includes(id)),
  };
}

/** Reads everything that moving a resource below another one changes. Of each kind, at most one more than is allowed. */
export async function readMove(
  transaction: Transaction,
  resource: ResourceFacts,
  to: ResourceFacts,
): Promise<MoveFacts> {
  const { above, lost, gained } = placesOf(resource, to);
  const access = await accessAt(transaction, gained, lost);
  const ended = await endedBy(transaction, resource, above);
  const rules = await rulesAt(transaction, gained, lost);
  const [size] = await transaction.$queryRaw<{ resources: number; levels: number }[]>`
    SELECT count(*)::int AS resources, max(cardinality(path_ids(each.path)))::int AS levels FROM (
      SELECT r.path FROM resources top JOIN resources r ON ${pathWithin("r.path", "top.path")}
      WHERE top.id = ${resource.id}::uuid LIMIT ${mostMoved + 1}) each`;
  const { resources, levels } = size ?? { resources: 0, levels: 0 };
  const movedPath = `${to.path}${resource.path.slice(resource.path.lastIndexOf("."))}`;
  const alerts = await alertsOfMove(transaction, resource, movedPath);
  const weaker = await weakerSettings(transaction, resource, to, { gained, lost });
  const shown = [
    [resource.id, resource.scope, resource.path, to.id, to.scope, to.path, resources],
    access.map(({ id, gained, endsAt }) => [id, gained, endsAt]),
    ended.map(({ id }) => id),
    rules.map(({ kind, name, placeId, begins }) => [kind, name, placeId, begins]),
    alerts.stricter,
    alerts.opening.map(({ kind, resourceId, subject }) => [kind, resourceId, subject]),
    weaker.map(({ roleDefinitionId, weakenings }) => [
      roleDefinitionId,
      weakenings.flatMap(({ before, after, weakened }) =>
        weakened.map((name) => [name, before[name], after[name]]),
      ),
    ]),
  ];
  const preview = createHash("sha256").update(JSON.stringify(shown)).digest("hex");
  const depth = levels - idsOnPath(resource.path).length + idsOnPath(to.path).length + 1;
  const changed = { access, ended, rules, alerts, weakerSettings: weaker };
  return { gainedAt: gained, lostAt: lost, movedPath, ...changed, resources, levels: depth, preview };
}

function accessAt(transaction: Transaction, gained: readonly string[], lost: readonly string[]) {
  const places = [...gained, ...lost];
  return transaction.$queryRaw<MovedAccess[]>`
    SELECT x.id, x.access, x.activated, x.principal_id AS "principalId", d.id AS "roleDefinitionId",
      d.role_name AS "roleName", d.writes_authorization AS "writesAuthorization", r.id AS "placeId", r.display_name AS "placeName", x.starts_at AS "startsAt",
      x.ends_at AS "endsAt", r.id = ANY (${[...gained]}::uuid[]) AS gained
    FROM (
      SELECT a.id, 'Active' AS access, a.assignment_type = 'Activated' AS activated, a.principal_id, a.role_definition_id,
        a.resource_id, a.starts_at, a.ends_at FROM assignments a WHERE a.resource_id = ANY (${places}::uuid[])
      UNION ALL
      SELECT e.id, 'Eligible', FALSE, e.principal_id, e.role_definition_id, e.resource_id, e.starts_at, e.ends_at
      FROM eligibilities e WHERE e.resource_id = ANY (${places}::uuid[])) x
    JOIN role_definitions d ON d.id = x.role_definition_id JOIN resources r ON r.id = x.resource_id
    WHERE x.ends_at IS NULL OR (x.ends_at > postern_now() AND x.ends_at > x.starts_at)
    ORDER BY gained DESC, x.access, lower(d.role_name), x.id LIMIT ${mostAccessMoved + 1}`;
}

/**
 * What rests on an eligibility above the resource was judged by the settings of levels that change. It
 * ends, and the member can activate the role again under the new settings.
 */
function endedBy(transaction: Transaction, resource: ResourceFacts, above: readonly string[]) {
  return transaction.$queryRaw<EndedByMove[]>`
    WITH below AS MATERIALIZED (
      SELECT r.id, r.display_name FROM resources top JOIN resources r ON ${pathWithin("r.path", "top.path")}
      WHERE top.id = ${resource.id}::uuid LIMIT ${mostMoved + 1})
    SELECT x.id, x.kind, x.principal_id AS "principalId", d.role_name AS "roleName", b.display_name AS "resourceName"
    FROM (
      SELECT a.id, 'Activation' AS kind, a.principal_id, a.role_definition_id, a.resource_id
      FROM assignments a JOIN eligibilities e ON e.id = a.eligibility_id
      WHERE a.assignment_type = 'Activated' AND a.ends_at > postern_now() AND a.ends_at > a.starts_at
        AND a.resource_id IN (SELECT id FROM below) AND e.resource_id = ANY (${[...above]}::uuid[])
      UNION ALL
      SELECT q.id, 'Request', q.principal_id, q.role_definition_id, q.resource_id
      FROM requests q LEFT JOIN assignments a ON a.id = q.assignment_id
      JOIN eligibilities e ON e.id = coalesce(q.eligibility_id, a.eligibility_id)
      WHERE ${storedWaiting("q")} AND q.resource_id IN (SELECT id FROM below)
        AND e.resource_id = ANY (${[...above]}::uuid[])) x
    JOIN role_definitions d ON d.id = x.role_definition_id JOIN below b ON b.id = x.resource_id
    ORDER BY x.kind, x.id LIMIT ${mostAccessMoved + 1}`;
}

function rulesAt(transaction: Transaction, gained: readonly string[], lost: readonly string[]) {
  const places = [...gained, ...lost];
  return transaction.$queryRaw<RuleOfPlace[]>`
    SELECT x.kind, x.name, r.id AS "placeId", r.display_name AS "placeName",
      r.id = ANY (${[...gained]}::uuid[]) AS begins
    FROM (
      SELECT 'Settings' AS kind, d.role_name AS name, p.resource_id FROM role_management_policies p
      JOIN role_definitions d ON d.id = p.role_definition_id
      WHERE p.resource_id = ANY (${places}::uuid[]) AND p.version > 0
      UNION ALL
      SELECT 'ConflictRule', k.name, k.resource_id FROM conflict_rules k WHERE k.resource_id = ANY (${places}::uuid[])) x
    JOIN resources r ON r.id = x.resource_id
    ORDER BY begins DESC, x.kind, lower(x.name), r.id LIMIT ${mostAccessMoved + 1}`;
}
