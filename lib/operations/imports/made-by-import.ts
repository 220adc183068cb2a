import type { Transaction } from "@/lib/platform/database";

/**
 * The ids of the people, groups, resources and roles that an import has created, from the log since
 * `since`, when the import was read.
 */
export async function madeByImport(
  transaction: Transaction,
  importId: string,
  since: Date,
): Promise<ReadonlySet<string>> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT CASE kind WHEN 'PrincipalCreated' THEN target_id WHEN 'ResourceCreated' THEN resource_id
      ELSE role_definition_id END AS id
    FROM audit_events
    WHERE kind IN ('PrincipalCreated', 'ResourceCreated', 'RoleDefinitionCreated') AND outcome = 'Success'
      AND occurred_at >= ${since}::timestamptz AND details ->> 'importId' = ${importId}`;
  return new Set(rows.map(({ id }) => id));
}
