import {
  type BreakGlassReadiness,
  mostBreakGlassAccounts,
  unreadiness,
} from "@/lib/domain/people/break-glass-account";
import { action } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { hasOwnFactorByNow } from "@/lib/platform/sql/factors-in-force";

/** Whether a user is on the list of break-glass accounts. */
export async function isBreakGlassAccount(transaction: Transaction, userId: string): Promise<boolean> {
  return (await breakGlassAccountsAmong(transaction, [userId])).size > 0;
}

/** Those of the users who are on the list of break-glass accounts. */
export async function breakGlassAccountsAmong(
  transaction: Transaction,
  userIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT user_id AS id FROM break_glass_accounts WHERE user_id = ANY (${[...userIds]}::uuid[])`;
  return new Set(rows.map(({ id }) => id));
}

/** What a user `p` has of everything a break-glass account needs, as columns of `BreakGlassReadiness`. */
export const readinessColumns = Prisma.sql`
  p.disabled_at IS NULL AS enabled,
  EXISTS (SELECT FROM password_credentials c WHERE c.user_id = p.id AND NOT c.must_change
    AND (c.expires_at IS NULL OR c.expires_at > postern_now())) AS password,
  ${hasOwnFactorByNow(Prisma.sql`p.id`)} AS factor,
  EXISTS (SELECT FROM (
      SELECT a.role_definition_id, a.resource_id FROM assignments a
      WHERE a.principal_id = p.id AND a.assignment_type = 'Assigned' AND a.starts_at <= postern_now() AND a.ends_at IS NULL
      UNION ALL
      SELECT e.role_definition_id, e.resource_id FROM eligibilities e
      WHERE e.principal_id = p.id AND e.starts_at <= postern_now() AND e.ends_at IS NULL) held
    JOIN resources r ON r.id = held.resource_id AND r.parent_id IS NULL
    JOIN role_definitions d ON d.id = held.role_definition_id
      AND permissions_allow(d.permissions, ${action.writeRoleSettings})) AS "administersRoot"`;

/** What a user has of everything a break-glass account needs. Null for an id that is not a user. */
export async function readinessOf(
  transaction: Transaction,
  userId: string,
): Promise<BreakGlassReadiness | null> {
  const [row] = await transaction.$queryRaw<BreakGlassReadiness[]>`
    SELECT ${readinessColumns} FROM principals p WHERE p.id = ${userId}::uuid AND p.type = 'User'`;
  return row ?? null;
}

/** Whether the password of a user `p` counts. Either everybody's counts, or only those of break-glass accounts. */
export const passwordCounts = Prisma.sql`(
  EXISTS (SELECT FROM sign_in_rules r WHERE r.local_passwords = 'Everyone')
  OR EXISTS (SELECT FROM break_glass_accounts b WHERE b.user_id = p.id))`;

/** Whether the password of this user counts now. */
export async function mayUsePassword(
  transaction: Pick<Transaction, "$queryRaw">,
  userId: string,
): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ counts: boolean }[]>`
    SELECT ${passwordCounts} AS counts FROM principals p WHERE p.id = ${userId}::uuid`;
  return row?.counts ?? false;
}

/** Whether any other account on the list would help in an emergency. */
export async function anotherIsReady(transaction: Transaction, besides: string | null): Promise<boolean> {
  const rows = await transaction.$queryRaw<(BreakGlassReadiness & { id: string })[]>`
    SELECT p.id, ${readinessColumns} FROM break_glass_accounts b JOIN principals p ON p.id = b.user_id
    ORDER BY p.id LIMIT ${mostBreakGlassAccounts}`;
  return rows.some(({ id, ...account }) => id !== besides && unreadiness(account).length === 0);
}
