import {
  type FoundAnew,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
  settings,
  threshold,
} from "@/lib/authority/alerts/alert-finding";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { severityWithoutMfa } from "@/lib/domain/alerts/severity-without-mfa";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

const inEffect = Prisma.sql`starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())`;

/**
 * Eligibilities that were last activated, or that started, long ago. One probe each, however often they
 * were activated before.
 */
export async function neverActivated(
  transaction: Transaction,
  atOnce: number,
  tree: Prisma.Sql,
): Promise<FoundAnew> {
  const kind = "EligibleNeverActivates";
  const rows = await transaction.$queryRaw<
    ({
      id: string;
      resourceId: string;
      principalId: string;
      roleDefinitionId: string;
      days: number;
    } & SeenAt)[]
  >`
    SELECT e.id, e.resource_id AS "resourceId", e.principal_id AS "principalId",
      e.role_definition_id AS "roleDefinitionId", ${threshold(kind)} AS days, known.seen_at AS "seenAt"
    FROM eligibilities e JOIN ${tree} r ON r.id = e.resource_id ${settings(kind)}
    ${knownAlert(kind, Prisma.sql`e.id`)}
    LEFT JOIN LATERAL (
      SELECT a.starts_at FROM assignments a WHERE a.eligibility_id = e.id ORDER BY a.starts_at DESC LIMIT 1
    ) newest ON true
    WHERE coalesce(s.enabled, true) AND e.starts_at <= postern_now() AND (e.ends_at IS NULL OR e.ends_at > postern_now())
      AND greatest(e.starts_at, newest.starts_at) < postern_now() - make_interval(days => ${threshold(kind)})
    ORDER BY ${newestThenLongestUnseen}, e.id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ id, days, seenAt: _, ...rest }) => ({
    ...rest,
    subject: id,
    eligibilityId: id,
    details: { days },
  }));
}

/** Roles that can change something and can be activated without a second factor, by their settings. */
export async function withoutMfa(
  transaction: Transaction,
  atOnce: number,
  tree: Prisma.Sql,
): Promise<FoundAnew> {
  const kind = "ActivationWithoutMfa";
  const roles = await transaction.$queryRaw<{ id: string; permissions: StoredPermissions }[]>`
    SELECT d.id, d.permissions FROM role_definitions d WHERE EXISTS (
      SELECT FROM role_management_policies p WHERE p.role_definition_id = d.id AND NOT p.activation_requires_mfa)`;
  const changing = new Map(
    roles.flatMap((role) => {
      const may = severityWithoutMfa(permissionsOf(role.permissions));
      return may === null ? [] : [[role.id, may] as const];
    }),
  );
  const rows = await transaction.$queryRaw<({ resourceId: string; roleDefinitionId: string } & SeenAt)[]>`
    SELECT r.id AS "resourceId", p.role_definition_id AS "roleDefinitionId", known.seen_at AS "seenAt"
    FROM role_management_policies p JOIN ${tree} r ON r.id = p.resource_id ${settings(kind)}
    ${knownAlert(kind, Prisma.sql`p.role_definition_id`)}
    WHERE coalesce(s.enabled, true) AND NOT p.activation_requires_mfa
      AND p.role_definition_id = ANY (${[...changing.keys()]}::uuid[])
    ORDER BY ${newestThenLongestUnseen}, p.id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ resourceId, roleDefinitionId }) => {
    const may = changing.get(roleDefinitionId);
    if (!may) throw new Error("a role that changes nothing was found");
    const { severity, changes } = may;
    return { resourceId, roleDefinitionId, subject: roleDefinitionId, severity, details: { changes } };
  });
}

/** Access that an import found or another program made. */
export async function assignedOutside(
  transaction: Transaction,
  atOnce: number,
  tree: Prisma.Sql,
): Promise<FoundAnew> {
  const kind = "AssignedOutside";
  const rows = await transaction.$queryRaw<
    ({
      id: string;
      eligible: boolean;
      resourceId: string;
      principalId: string;
      roleDefinitionId: string;
      origin: string;
    } & SeenAt)[]
  >`
    SELECT x.id, x.eligible, x.resource_id AS "resourceId", x.principal_id AS "principalId",
      x.role_definition_id AS "roleDefinitionId", x.origin, known.seen_at AS "seenAt"
    FROM (
      SELECT id, false AS eligible, resource_id, principal_id, role_definition_id, origin::text FROM assignments
      WHERE origin <> 'Portal' AND assignment_type = 'Assigned' AND ${inEffect}
      UNION ALL
      SELECT id, true, resource_id, principal_id, role_definition_id, origin::text FROM eligibilities
      WHERE origin <> 'Portal' AND ${inEffect}) x
    JOIN ${tree} r ON r.id = x.resource_id ${settings(kind)} ${knownAlert(kind, Prisma.sql`x.id`)}
    WHERE coalesce(s.enabled, true) ORDER BY ${newestThenLongestUnseen}, x.id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ id, eligible, origin, seenAt: _, ...rest }) => ({
    ...rest,
    subject: id,
    ...(eligible ? { eligibilityId: id } : { assignmentId: id }),
    details: { origin },
  }));
}
