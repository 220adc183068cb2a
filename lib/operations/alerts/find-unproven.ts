import {
  type FoundOfKind,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
  settings,
} from "@/lib/authority/alerts/alert-finding";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { severityWithoutMfa } from "@/lib/domain/alerts/severity-without-mfa";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type ConfirmingIssuers, hasSecondFactor } from "@/lib/platform/sql/factors-in-force";

const person = Prisma.sql`p.id`;

/** So many people are named in an alert. */
const mostNames = 20;

interface UnprovenRow extends SeenAt {
  readonly resourceId: string;
  readonly roleDefinitionId: string;
  readonly permissions: StoredPermissions;
  readonly needs: "Passkey" | "Any";
  readonly count: number;
  readonly names: string[];
}

/**
 * Roles that somebody may activate, directly or through a group, without having a second factor that
 * the settings of the eligibility's level accept. One finding for each role and resource. People
 * without a factor are found first, then their groups, then the eligibilities of all of these, one
 * probe each (`OFFSET 0` makes the planner do so). Only the resources of findings are read. People who
 * have a factor but no passkey matter only if some settings require one.
 */
export async function cannotProve(
  transaction: Transaction,
  atOnce: number,
  issuers: ConfirmingIssuers,
): Promise<FoundOfKind> {
  const kind = "CannotProve";
  const inEffect = Prisma.sql`e.starts_at <= postern_now() AND (e.ends_at IS NULL OR e.ends_at > postern_now())`;
  const rows = await transaction.$queryRaw<UnprovenRow[]>`
    WITH RECURSIVE lacking AS MATERIALIZED (
      SELECT p.id, NOT ${hasSecondFactor(person, issuers)} AS bare
      FROM principals p
      WHERE p.type = 'User' AND p.disabled_at IS NULL
        AND NOT ${hasSecondFactor(person, issuers, "PhishingResistant")}
        AND (NOT ${hasSecondFactor(person, issuers)} OR EXISTS (
          SELECT FROM role_management_policies WHERE activation_requires_mfa AND activation_phishing_resistant))
    ), reached (person_id, bare, id) AS (
      SELECT id, bare, id FROM lacking
      UNION
      SELECT reached.person_id, reached.bare, m.group_id FROM reached JOIN group_members m ON m.member_id = reached.id
      JOIN principals g ON g.id = m.group_id AND g.disabled_at IS NULL
    ), of_principal AS MATERIALIZED (
      SELECT id, bool_or(bare) AS bare FROM reached GROUP BY id
    ), asked AS MATERIALIZED (
      SELECT DISTINCT e.resource_id, e.role_definition_id, coalesce(m.activation_phishing_resistant, false) AS passkey
      FROM of_principal o
      CROSS JOIN LATERAL (SELECT e.* FROM eligibilities e WHERE e.principal_id = o.id AND ${inEffect} OFFSET 0) e
      LEFT JOIN role_management_policies m
        ON m.resource_id = e.resource_id AND m.role_definition_id = e.role_definition_id
      WHERE coalesce(m.activation_requires_mfa, true) AND (o.bare OR m.activation_phishing_resistant)
    ), page AS MATERIALIZED (
      SELECT asked.*, known.seen_at FROM asked
      CROSS JOIN LATERAL (SELECT id, path FROM resources WHERE id = asked.resource_id OFFSET 0) r ${settings(kind)}
      ${knownAlert(kind, Prisma.sql`asked.role_definition_id`)}
      WHERE coalesce(s.enabled, true)
      ORDER BY ${newestThenLongestUnseen}, asked.resource_id, asked.role_definition_id LIMIT ${atOnce}
    ), unproven AS (
      SELECT DISTINCT page.resource_id, page.role_definition_id, page.passkey, page.seen_at, reached.person_id
      FROM page CROSS JOIN LATERAL (
        SELECT e.* FROM eligibilities e WHERE e.resource_id = page.resource_id
          AND e.role_definition_id = page.role_definition_id AND ${inEffect} OFFSET 0) e
      JOIN reached ON reached.id = e.principal_id AND (reached.bare OR page.passkey)
    ), named AS (
      SELECT unproven.*, p.display_name,
        row_number() OVER (PARTITION BY resource_id, role_definition_id ORDER BY p.display_name, p.id) AS place
      FROM unproven JOIN principals p ON p.id = unproven.person_id
    )
    SELECT u.resource_id AS "resourceId", u.role_definition_id AS "roleDefinitionId", u.seen_at AS "seenAt",
      d.permissions, CASE WHEN u.passkey THEN 'Passkey' ELSE 'Any' END AS needs, count(*)::int AS count,
      array_agg(u.display_name ORDER BY u.place) FILTER (WHERE u.place <= ${mostNames}) AS names
    FROM named u JOIN role_definitions d ON d.id = u.role_definition_id
    GROUP BY u.resource_id, u.role_definition_id, u.seen_at, u.passkey, d.id
    ORDER BY u.seen_at NULLS FIRST, u.resource_id, u.role_definition_id`;
  return foundBy(
    kind,
    rows,
    atOnce,
    ({ resourceId, roleDefinitionId, permissions, needs, count, names }) => ({
      ...{ resourceId, roleDefinitionId, subject: roleDefinitionId },
      severity: severityWithoutMfa(permissionsOf(permissions))?.severity ?? "Low",
      details: { needs, count, names },
    }),
  );
}
