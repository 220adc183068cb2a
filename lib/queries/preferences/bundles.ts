import { mostAtOnce } from "@/lib/domain/gate/activations-together";
import { mostBundles } from "@/lib/domain/preferences/bundle";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import {
  type Taken,
  type TakenColumn,
  takenColumn,
  takenOf,
} from "@/lib/queries/activation/activation-terms";
import { type SeveralTerms, termsOfSeveral } from "@/lib/queries/activation/activations-asked";

/** A role at a place in a bundle, as things are now. */
export interface BundleRole {
  /** The row of the bundle. */
  readonly id: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  /** How it can be activated now. Null if the caller is no longer eligible for it there. */
  readonly eligibilityId: string | null;
  readonly taken: Taken | null;
}

/** A bundle of the caller's own. Everything in it may go to the browser. */
export interface Bundle {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** In the order of the bundle. */
  readonly roles: readonly BundleRole[];
  /** The database's time, to count from. */
  readonly now: Date;
}

/** The names of the caller's bundles. */
export function ownBundles(database: Database, caller: Caller): Promise<{ id: string; name: string }[]> {
  return readOnce(
    database,
    (transaction) => transaction.$queryRaw<{ id: string; name: string }[]>`
      SELECT id, name FROM bundles WHERE user_id = ${caller.userId}::uuid
      ORDER BY lower(name), id LIMIT ${mostBundles}`,
  );
}

/**
 * The caller's bundles by name, each role by the nearest eligibility, and among equally near ones the
 * one that lasts longest.
 */
export function bundles(database: Database, caller: Caller): Promise<Bundle[]> {
  return readOnce(database, (transaction) => bundlesWhere(transaction, caller, Prisma.sql`TRUE`));
}

export interface BundleToActivate {
  readonly name: string;
  readonly roles: readonly BundleRole[];
  /** The conditions for each role that has an eligibility, in the order of `roles`. */
  readonly several: SeveralTerms;
}

/** One of the caller's bundles with the conditions for its roles. Null if there is none with this id. */
export async function bundleToActivate(
  database: Database,
  caller: Caller,
  bundleId: string,
): Promise<BundleToActivate | null> {
  const [bundle] = await readOnce(database, (transaction) =>
    bundlesWhere(transaction, caller, Prisma.sql`b.id = ${bundleId}::uuid`),
  );
  if (!bundle) return null;
  const { name, roles } = bundle;
  const items = roles.flatMap(({ eligibilityId, resourceId }) =>
    eligibilityId ? [{ eligibilityId, resourceId }] : [],
  );
  return { name, roles, several: await termsOfSeveral(database, caller, items) };
}

interface Row {
  readonly bundleId: string;
  readonly name: string;
  readonly version: number;
  readonly id: string;
  readonly resourceId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly roleNameThen: string;
  readonly resourceNameThen: string;
  readonly eligibilityId: string | null;
  readonly taken: TakenColumn;
  readonly now: Date;
}

async function bundlesWhere(
  transaction: Transaction,
  caller: Caller,
  condition: Prisma.Sql,
): Promise<Bundle[]> {
  const rows = await transaction.$queryRaw<Row[]>`
    ${planOnce} WITH mine AS MATERIALIZED (
      SELECT b.id AS bundle_id, b.name, b.version, x.id, x.role_definition_id, x.resource_id, x.position, x.role_name,
        x.resource_name
      FROM bundles b JOIN bundle_roles x ON x.bundle_id = b.id
      WHERE b.user_id = ${caller.userId}::uuid AND ${condition}
    ), eligible AS MATERIALIZED (
      SELECT e.id, e.role_definition_id, e.resource_id, e.ends_at, length(r.path) AS depth
      FROM current_eligibilities(${caller.userId}::uuid, postern_now()) e JOIN resources r ON r.id = e.resource_id
      WHERE EXISTS (SELECT FROM mine)
    )
    SELECT m.bundle_id AS "bundleId", m.name, m.version, m.id, r.id AS "resourceId", d.role_name AS "roleName",
      r.display_name AS "resourceName", m.role_name AS "roleNameThen", m.resource_name AS "resourceNameThen",
      e.id AS "eligibilityId", postern_now() AS now,
      ${takenColumn(caller.userId, Prisma.sql`d.id`, Prisma.sql`r.id`)} AS taken
    FROM mine m
    JOIN role_definitions d ON d.id = m.role_definition_id
    JOIN resources r ON r.id = m.resource_id
    LEFT JOIN LATERAL (
      SELECT id FROM eligible WHERE role_definition_id = d.id AND resource_id = ANY (path_ids(r.path))
      ORDER BY depth DESC, ends_at DESC NULLS FIRST, id LIMIT 1) e ON TRUE
    ORDER BY lower(m.name), m.bundle_id, m.position LIMIT ${mostBundles * mostAtOnce}`;
  const found = new Map<string, Bundle & { readonly roles: BundleRole[] }>();
  for (const { bundleId, name, version, now, ...row } of rows) {
    const bundle = found.get(bundleId) ?? { id: bundleId, name, version, now, roles: [] };
    found.set(bundleId, bundle);
    bundle.roles.push(roleOf(row, now));
  }
  return [...found.values()];
}

function roleOf(row: Omit<Row, "bundleId" | "name" | "version" | "now">, now: Date): BundleRole {
  const { id, resourceId, eligibilityId } = row;
  const taken = takenOf(row.taken, now);
  // For what the caller neither has nor can have, a newer name is not disclosed.
  const current = eligibilityId !== null || (taken !== null && taken.state !== "Waiting");
  return {
    ...{ id, resourceId, eligibilityId, taken },
    roleName: current ? row.roleName : row.roleNameThen,
    resourceName: current ? row.resourceName : row.resourceNameThen,
  };
}
