import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";

/** The part of one role's settings at one resource that judges direct and eligible assignments. */
export interface DirectPolicy
  extends Pick<
    RoleSettings,
    | "assignmentRequiresMfa"
    | "assignmentPhishingResistant"
    | "assignmentRequiresJustification"
    | "activeMaximumDays"
    | "eligibleMaximumDays"
  > {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
}

interface RoleAtResource {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
}

/** The locked settings: all of them, and those of one pair. */
export interface LockedDirectPolicies {
  readonly all: readonly DirectPolicy[];
  readonly of: (pair: RoleAtResource) => DirectPolicy;
}

/**
 * The settings that judge assignments of many roles at many resources, as `lockAssignmentSettings` does
 * for one. Locks every level against edits until the transaction ends (docs/rules.md, rule 4), ordered
 * by resource and role. Creates missing rows, so that there is something to lock.
 */
export async function lockDirectPolicies(
  transaction: Transaction,
  asked: readonly RoleAtResource[],
): Promise<LockedDirectPolicies> {
  const keyOf = ({ roleDefinitionId, resourceId }: RoleAtResource) => `${resourceId} ${roleDefinitionId}`;
  const pairs = [...new Map(asked.map((each) => [keyOf(each), each])).values()];
  const all = pairs.length > 0 ? await lockPairs(transaction, pairs) : [];
  const policies = new Map(all.map((policy) => [keyOf(policy), policy]));
  return {
    all,
    of(pair) {
      const policy = policies.get(keyOf(pair));
      if (!policy) throw new Error("role settings were not locked");
      return policy;
    },
  };
}

async function lockPairs(
  transaction: Transaction,
  pairs: readonly RoleAtResource[],
): Promise<readonly DirectPolicy[]> {
  const pair = Prisma.sql`unnest(${pairs.map((each) => each.resourceId)}::uuid[],
    ${pairs.map((each) => each.roleDefinitionId)}::uuid[]) AS pair (resource_id, role_id)`;
  const levels = Prisma.sql`
    SELECT DISTINCT level.id AS resource_id, pair.role_id FROM ${pair}
    JOIN resources r ON r.id = pair.resource_id CROSS JOIN LATERAL unnest(path_ids(r.path)) AS level (id)`;
  await lockLevels(transaction, levels);
  return transaction.$queryRaw<DirectPolicy[]>`
    SELECT pair.role_id AS "roleDefinitionId", pair.resource_id AS "resourceId",
      s.assignment_requires_mfa AS "assignmentRequiresMfa",
      s.assignment_phishing_resistant AS "assignmentPhishingResistant",
      s.assignment_requires_justification AS "assignmentRequiresJustification",
      s.active_maximum_days AS "activeMaximumDays", s.eligible_maximum_days AS "eligibleMaximumDays"
    FROM ${pair} CROSS JOIN LATERAL direct_settings(pair.role_id, pair.resource_id) s
    ORDER BY pair.resource_id, pair.role_id`;
}

/**
 * Locks the role settings of some levels, given as rows of `resource_id` and `role_id`, against edits
 * until the transaction ends, ordered by resource and role. Creates missing rows. The position of the
 * resources is read once nobody can move them.
 */
export async function lockLevels(transaction: Transaction, levels: Prisma.Sql): Promise<void> {
  const allLocked = async () => {
    const [row] = await transaction.$queryRaw<{ all: boolean }[]>`
      WITH levels AS MATERIALIZED (${levels}), locked AS MATERIALIZED (
        SELECT FROM role_management_policies
        WHERE (resource_id, role_definition_id) IN (SELECT resource_id, role_id FROM levels)
        ORDER BY resource_id, role_definition_id FOR SHARE)
      SELECT (SELECT count(*) FROM locked) = (SELECT count(*) FROM levels) AS all`;
    return row?.all ?? false;
  };
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock_shared(${advisoryLocks.treeShape})`;
  if (await allLocked()) return;
  await transaction.$executeRaw`
    INSERT INTO role_management_policies (resource_id, role_definition_id)
    SELECT resource_id, role_id FROM (${levels}) level ORDER BY 1, 2
    ON CONFLICT (resource_id, role_definition_id) DO NOTHING`;
  await allLocked();
}
