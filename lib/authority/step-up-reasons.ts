import { reasonsToAssign, type StepUpReason } from "@/lib/domain/gate/policy-rules";
import { action } from "@/lib/domain/roles/permissions";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { checksOf } from "@/lib/platform/recheck";

/** Access that somebody is about to grant, extend or renew. */
export interface AccessToGrant {
  readonly assignmentType: "Eligible" | "Active";
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  /** Null: permanently. */
  readonly endsAt: Date | null;
}

/**
 * Where the assigning administrator may assign roles, and until when: the resource and all below it.
 * The alias is `authority`.
 */
function authorityOf(giverId: string): Prisma.Sql {
  return Prisma.sql`authority AS MATERIALIZED (
    SELECT a.resource_id, bool_or(a.ends_at IS NULL) AS permanent, max(a.ends_at) AS until
    FROM active_assignments(${giverId}::uuid, postern_now()) a
    JOIN role_definitions d ON d.id = a.role_definition_id
      AND permissions_allow(d.permissions, ${action.writeAssignment})
    GROUP BY a.resource_id)`;
}

/** Whether access at the resource `r` until `end` lasts longer than the administrator's own authority there. */
function outlasts(end: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`NOT EXISTS (
    SELECT FROM authority x WHERE x.resource_id = ANY (path_ids(r.path))
      AND (x.permanent OR (${end} IS NOT NULL AND x.until >= ${end})))`;
}

/**
 * Why granting this access requires a proof whatever the role settings say (docs/rules.md, rule 8), in the order of
 * the input. The reasons are access to oneself, directly or through a group; Active access that outlasts the
 * administrator's authority; any access to oneself that outlasts it; and eligibility for a role that can write
 * authorisation, since its member activates it with a factor of their own. No reason may be added before the commit.
 */
export async function alwaysStepUp(
  transaction: Transaction,
  grantor: Actor,
  access: readonly AccessToGrant[],
): Promise<(readonly StepUpReason[])[]> {
  if (access.length === 0) return [];
  const found = await reasonsNow(transaction, grantor, access);
  checksOf(transaction).repeat.push(async () =>
    (await reasonsNow(transaction, grantor, access)).every((reasons, index) =>
      reasons.every((reason) => found[index]?.includes(reason)),
    ),
  );
  return found;
}

async function reasonsNow(
  transaction: Transaction,
  grantor: Actor,
  access: readonly AccessToGrant[],
): Promise<(readonly StepUpReason[])[]> {
  const rows = await transaction.$queryRaw<{ toOneself: boolean; outlasts: boolean; givesAccess: boolean }[]>`
    WITH own AS MATERIALIZED (SELECT principals_and_groups_above(ARRAY[${grantor.userId}::uuid]) AS id),
      ${authorityOf(grantor.userId)}
    SELECT g.principal_id IN (SELECT id FROM own) AS "toOneself",
      (g.active OR g.principal_id IN (SELECT id FROM own)) AND ${outlasts(Prisma.sql`g.ends_at`)} AS outlasts,
      d.writes_authorization AND NOT g.active AS "givesAccess"
    FROM unnest(${access.map((each) => each.principalId)}::uuid[],
        ${access.map((each) => each.roleDefinitionId)}::uuid[], ${access.map((each) => each.resourceId)}::uuid[],
        ${access.map((each) => each.assignmentType === "Active")}::boolean[],
        ${access.map((each) => each.endsAt)}::timestamptz[])
      WITH ORDINALITY AS g (principal_id, role_id, resource_id, active, ends_at, position)
    JOIN resources r ON r.id = g.resource_id JOIN role_definitions d ON d.id = g.role_id ORDER BY g.position`;
  return rows.map((row) => [
    ...(row.toOneself ? (["ToOneself"] as const) : []),
    ...(row.outlasts ? (["OutlastsAuthority"] as const) : []),
    ...(row.givesAccess ? (["RoleGivesAccess"] as const) : []),
  ]);
}

/** The same, with what the settings in force require, for all of it at once: access of one type. */
export async function stepUpReasons(
  transaction: Transaction,
  grantor: Actor,
  settings: Pick<RoleSettings, "assignmentRequiresMfa" | "assignmentPhishingResistant">,
  assignmentType: AccessToGrant["assignmentType"],
  access: readonly Omit<AccessToGrant, "assignmentType">[],
): Promise<StepUpReason[]> {
  const given = access.map((each) => ({ ...each, assignmentType }));
  return reasonsToAssign(assignmentType, settings, (await alwaysStepUp(transaction, grantor, given)).flat());
}

/** A person with every group above them. Access of any of these is access of that person. */
export async function reachOf(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<Set<string>> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT principals_and_groups_above(${[...principalIds]}::uuid[]) AS id`;
  return new Set(rows.map(({ id }) => id));
}

/** Those of the principals whose own access, now or later, outlasts the administrator's authority. */
export async function outlastingHolders(
  transaction: Transaction,
  grantor: Actor,
  principalIds: readonly string[],
  access: "Active" | "Any",
): Promise<Set<string>> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    WITH ${authorityOf(grantor.userId)}
    SELECT DISTINCT a.principal_id AS id FROM (
      SELECT principal_id, resource_id, starts_at, ends_at FROM assignments WHERE assignment_type = 'Assigned'
      UNION ALL
      SELECT principal_id, resource_id, starts_at, ends_at FROM eligibilities WHERE ${access === "Any"}) a
    JOIN resources r ON r.id = a.resource_id
    WHERE a.principal_id = ANY (${[...principalIds]}::uuid[])
      AND (a.ends_at IS NULL OR (a.ends_at > postern_now() AND a.ends_at > a.starts_at))
      AND ${outlasts(Prisma.sql`a.ends_at`)}`;
  return new Set(rows.map(({ id }) => id));
}
