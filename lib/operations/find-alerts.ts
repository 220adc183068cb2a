import { type AlertDetails, type AlertKind, alertDescriptions, unusualReasons } from "@/lib/domain/alerts";
import { ownerRoleId } from "@/lib/domain/last-owner";
import { anyAllows, type Permission } from "@/lib/domain/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** Something that deserves an alert at this moment. `subject` tells it from others of its kind at its resource. */
export interface AlertFinding {
  readonly kind: AlertKind;
  readonly resourceId: string;
  readonly subject: string;
  readonly roleDefinitionId?: string | null;
  readonly principalId?: string | null;
  readonly eligibilityId?: string | null;
  readonly assignmentId?: string | null;
  readonly details: AlertDetails;
}

/** How many findings of one kind a scan takes up at once; what lies beyond waits for the next, and nothing resolves. */
export const maximumFindings = 1_000;

const inEffect = Prisma.sql`starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())`;

/** The nearest settings of a kind at or above the resource `r`, joined as `s`; null columns where none were made. */
function settings(kind: AlertKind): Prisma.Sql {
  return Prisma.sql`
    LEFT JOIN LATERAL (
      SELECT own.enabled, own.threshold FROM alert_settings own JOIN resources at ON at.id = own.resource_id
      WHERE own.kind = ${kind}::alert_kind AND own.resource_id = ANY (path_ids(r.path))
      ORDER BY length(at.path) DESC LIMIT 1) s ON true`;
}

function threshold(kind: AlertKind): Prisma.Sql {
  return Prisma.sql`coalesce(s.threshold, ${alertDescriptions[kind].threshold?.initial ?? 1}::int)`;
}

interface OwnerRow {
  resourceId: string;
  count: number;
  names: string[];
}

async function owners(
  transaction: Transaction,
  kind: "TooManyOwners" | "TooManyPermanentOwners",
): Promise<AlertFinding[]> {
  const permanent = kind === "TooManyPermanentOwners";
  const held = permanent
    ? Prisma.sql`SELECT resource_id, principal_id FROM assignments
        WHERE role_definition_id = ${ownerRoleId}::uuid AND assignment_type = 'Assigned' AND ends_at IS NULL
          AND ${inEffect}`
    : Prisma.sql`SELECT resource_id, principal_id FROM assignments
        WHERE role_definition_id = ${ownerRoleId}::uuid AND assignment_type = 'Assigned' AND ${inEffect}
        UNION SELECT resource_id, principal_id FROM eligibilities
        WHERE role_definition_id = ${ownerRoleId}::uuid AND ${inEffect}`;
  const rows = await transaction.$queryRaw<OwnerRow[]>`
    SELECT r.id AS "resourceId", x.count, x.names
    FROM (
      SELECT h.resource_id, count(*)::int AS count,
        (array_agg(p.display_name ORDER BY lower(p.display_name), p.id))[1:20] AS names
      FROM (${held}) h JOIN principals p ON p.id = h.principal_id AND p.disabled_at IS NULL
      GROUP BY h.resource_id) x
    JOIN resources r ON r.id = x.resource_id ${settings(kind)}
    WHERE coalesce(s.enabled, true) AND x.count > ${threshold(kind)}
    ORDER BY r.id LIMIT ${maximumFindings}`;
  return rows.map(({ resourceId, count, names }) => ({
    kind,
    resourceId,
    subject: "owners",
    roleDefinitionId: ownerRoleId,
    details: { count, names },
  }));
}

async function neverActivated(transaction: Transaction): Promise<AlertFinding[]> {
  const kind = "EligibleNeverActivates";
  const rows = await transaction.$queryRaw<
    { id: string; resourceId: string; principalId: string; roleDefinitionId: string; days: number }[]
  >`
    SELECT e.id, e.resource_id AS "resourceId", e.principal_id AS "principalId",
      e.role_definition_id AS "roleDefinitionId", ${threshold(kind)} AS days
    FROM eligibilities e JOIN resources r ON r.id = e.resource_id ${settings(kind)}
    WHERE coalesce(s.enabled, true) AND ${inEffect}
      AND e.starts_at < postern_now() - make_interval(days => ${threshold(kind)})
      AND NOT EXISTS (
        SELECT FROM assignments a WHERE a.eligibility_id = e.id
          AND a.starts_at > postern_now() - make_interval(days => ${threshold(kind)}))
    ORDER BY e.id LIMIT ${maximumFindings}`;
  return rows.map(({ id, days, ...rest }) => ({
    kind,
    ...rest,
    subject: id,
    eligibilityId: id,
    details: { days },
  }));
}

async function withoutMfa(transaction: Transaction): Promise<AlertFinding[]> {
  const kind = "ActivationWithoutMfa";
  const rows = await transaction.$queryRaw<
    { resourceId: string; roleDefinitionId: string; permissions: Permission[] }[]
  >`
    SELECT r.id AS "resourceId", d.id AS "roleDefinitionId", d.permissions
    FROM role_management_policies p JOIN role_definitions d ON d.id = p.role_definition_id
    JOIN resources r ON r.id = p.resource_id ${settings(kind)}
    WHERE coalesce(s.enabled, true) AND NOT p.activation_requires_mfa
    ORDER BY p.id LIMIT ${maximumFindings}`;
  return rows
    .filter((row) => anyAllows(row.permissions, "Microsoft.Authorization/roleAssignments/write"))
    .map(({ resourceId, roleDefinitionId }) => ({
      kind,
      resourceId,
      subject: roleDefinitionId,
      roleDefinitionId,
      details: {},
    }));
}

/** The same text for the same permissions, in whatever order they are written. */
function canonicalPermissions(permissions: readonly Permission[]): string {
  const sorted = (patterns: readonly string[]) => patterns.map((pattern) => pattern.toLowerCase()).sort();
  return JSON.stringify(
    permissions
      .map((each) =>
        JSON.stringify([
          sorted(each.actions),
          sorted(each.notActions),
          sorted(each.dataActions),
          sorted(each.notDataActions),
        ]),
      )
      .sort(),
  );
}

async function duplicateRoles(transaction: Transaction): Promise<AlertFinding[]> {
  const kind = "DuplicateCustomRoles";
  const rows = await transaction.$queryRaw<
    { id: string; roleName: string; permissions: Permission[]; rootId: string }[]
  >`
    SELECT d.id, d.role_name AS "roleName", d.permissions, r.id AS "rootId"
    FROM role_definitions d JOIN resources r ON r.parent_id IS NULL ${settings(kind)}
    WHERE coalesce(s.enabled, true) AND d.role_type = 'CustomRole' AND d.deleted_at IS NULL ORDER BY d.id LIMIT 5000`;
  const alike = new Map<string, typeof rows>();
  for (const row of rows) {
    const key = canonicalPermissions(row.permissions);
    alike.set(key, [...(alike.get(key) ?? []), row]);
  }
  return [...alike.values()].flatMap((roles) => {
    const [first, second] = roles;
    if (!first || !second) return [];
    const names = roles.slice(0, 20).map((role) => role.roleName);
    return [
      {
        kind,
        resourceId: first.rootId,
        subject: first.id,
        roleDefinitionId: first.id,
        details: { names, count: roles.length },
      } satisfies AlertFinding,
    ];
  });
}

async function assignedOutside(transaction: Transaction): Promise<AlertFinding[]> {
  const kind = "AssignedOutside";
  const rows = await transaction.$queryRaw<
    {
      id: string;
      eligible: boolean;
      resourceId: string;
      principalId: string;
      roleDefinitionId: string;
      origin: string;
    }[]
  >`
    SELECT x.id, x.eligible, x.resource_id AS "resourceId", x.principal_id AS "principalId",
      x.role_definition_id AS "roleDefinitionId", x.origin
    FROM (
      SELECT id, false AS eligible, resource_id, principal_id, role_definition_id, origin::text FROM assignments
      WHERE origin <> 'Portal' AND assignment_type = 'Assigned' AND ${inEffect}
      UNION ALL
      SELECT id, true, resource_id, principal_id, role_definition_id, origin::text FROM eligibilities
      WHERE origin <> 'Portal' AND ${inEffect}) x
    JOIN resources r ON r.id = x.resource_id ${settings(kind)}
    WHERE coalesce(s.enabled, true) ORDER BY x.id LIMIT ${maximumFindings}`;
  return rows.map(({ id, eligible, origin, ...rest }) => ({
    kind,
    ...rest,
    subject: id,
    ...(eligible ? { eligibilityId: id } : { assignmentId: id }),
    details: { origin },
  }));
}

async function failedStepUps(transaction: Transaction): Promise<AlertFinding[]> {
  const kind = "RepeatedFailedStepUps";
  const rows = await transaction.$queryRaw<
    { resourceId: string; principalId: string; count: number; addresses: string[] }[]
  >`
    SELECT r.id AS "resourceId", x.actor_id AS "principalId", x.count, x.addresses
    FROM (
      SELECT actor_id, count(*)::int AS count, (array_agg(DISTINCT ip_address))[1:5] AS addresses
      FROM audit_events
      WHERE kind = 'StepUpFailed' AND occurred_at > postern_now() - interval '1 day' AND actor_id IS NOT NULL
      GROUP BY actor_id) x
    JOIN principals p ON p.id = x.actor_id
    JOIN resources r ON r.parent_id IS NULL ${settings(kind)}
    WHERE coalesce(s.enabled, true) AND x.count >= ${threshold(kind)}
    ORDER BY x.actor_id LIMIT ${maximumFindings}`;
  return rows.map(({ count, addresses, ...rest }) => ({
    kind,
    ...rest,
    subject: rest.principalId,
    details: { count, addresses },
  }));
}

/** Activations of the last seven days against those of the ninety days before each. */
async function unusualActivations(transaction: Transaction): Promise<AlertFinding[]> {
  const kind = "UnusualActivation";
  const rows = await transaction.$queryRaw<
    {
      eventId: string;
      resourceId: string;
      principalId: string;
      roleDefinitionId: string;
      assignmentId: string;
      hour: number;
      address: string;
      addressKnown: boolean;
      hours: number[] | null;
      needed: number;
    }[]
  >`
    SELECT e.id AS "eventId", r.id AS "resourceId", e.actor_id AS "principalId",
      e.role_definition_id AS "roleDefinitionId", e.assignment_id AS "assignmentId",
      extract(hour FROM e.occurred_at AT TIME ZONE 'UTC')::int AS hour, coalesce(e.ip_address, '') AS address,
      EXISTS (
        SELECT FROM audit_events same WHERE same.actor_id = e.actor_id AND same.ip_address = e.ip_address
          AND same.kind = 'RoleActivated' AND same.outcome = 'Success' AND same.occurred_at < e.occurred_at
          AND same.occurred_at > e.occurred_at - interval '90 days') AS "addressKnown",
      (SELECT array_agg(extract(hour FROM o.occurred_at AT TIME ZONE 'UTC')::int) FROM (
        SELECT occurred_at FROM audit_events earlier
        WHERE earlier.actor_id = e.actor_id AND earlier.kind = 'RoleActivated' AND earlier.outcome = 'Success'
          AND earlier.occurred_at < e.occurred_at AND earlier.occurred_at > e.occurred_at - interval '90 days'
        ORDER BY occurred_at DESC LIMIT 200) o) AS hours,
      ${threshold(kind)} AS needed
    FROM audit_events e JOIN assignments a ON a.id = e.assignment_id
    JOIN resources r ON r.id = e.resource_id ${settings(kind)}
    WHERE coalesce(s.enabled, true) AND e.kind = 'RoleActivated' AND e.outcome = 'Success'
      AND e.occurred_at > postern_now() - interval '7 days'
    ORDER BY e.occurred_at DESC LIMIT 5000`;
  return rows
    .flatMap(({ eventId, hour, address, addressKnown, hours, needed, ...rest }): AlertFinding[] => {
      const reasons = unusualReasons({ hour, address, addressKnown }, hours ?? [], needed);
      if (reasons.length === 0) return [];
      return [{ kind, ...rest, subject: eventId, details: { reasons: reasons.join(" and ") } }];
    })
    .slice(0, maximumFindings);
}

/** Everything that deserves an alert at this moment, with the kinds of which there may be more than were taken up. */
export async function findAlerts(
  transaction: Transaction,
): Promise<{ findings: AlertFinding[]; incomplete: AlertKind[] }> {
  const byKind = new Map<AlertKind, AlertFinding[]>();
  byKind.set("TooManyOwners", await owners(transaction, "TooManyOwners"));
  byKind.set("TooManyPermanentOwners", await owners(transaction, "TooManyPermanentOwners"));
  byKind.set("EligibleNeverActivates", await neverActivated(transaction));
  byKind.set("ActivationWithoutMfa", await withoutMfa(transaction));
  byKind.set("DuplicateCustomRoles", await duplicateRoles(transaction));
  byKind.set("AssignedOutside", await assignedOutside(transaction));
  byKind.set("RepeatedFailedStepUps", await failedStepUps(transaction));
  byKind.set("UnusualActivation", await unusualActivations(transaction));
  return {
    findings: [...byKind.values()].flat(),
    incomplete: [...byKind].filter(([, found]) => found.length >= maximumFindings).map(([kind]) => kind),
  };
}
