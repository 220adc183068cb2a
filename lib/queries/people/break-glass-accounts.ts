import { may, rootResource } from "@/lib/authority/authority";
import { readinessColumns } from "@/lib/authority/break-glass-accounts";
import { type BreakGlassReadiness, mostBreakGlassAccounts } from "@/lib/domain/people/break-glass-account";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { rankedPrincipals } from "@/lib/queries/people/ranked-principals";

/** An account on the list, with what it has of everything it needs. */
export interface BreakGlassAccount extends BreakGlassReadiness {
  readonly principal: PrincipalIdentity;
  readonly namedBy: PrincipalIdentity;
  readonly namedAt: Date;
  readonly reason: string;
}

/** A sign-in by a break-glass account whose review is open. */
export interface BreakGlassUse {
  readonly sessionId: string;
  readonly principal: PrincipalIdentity;
  readonly usedAt: Date;
  readonly method: "Password" | "Passkey" | "IdentityProvider";
  readonly ipAddress: string;
  /** It is not the reader's own, and the reader's privileges do not come from it. */
  readonly mayClose: boolean;
}

async function isRootAdministrator(transaction: Transaction, caller: Caller): Promise<boolean> {
  const root = await rootResource(transaction);
  return may(transaction, caller.userId, action.writeRoleSettings, root.id);
}

/** The break-glass accounts, for the page that lists them. Null if the caller is not a root administrator. */
export function breakGlassAccountsFor(
  database: Database,
  caller: Caller,
): Promise<readonly BreakGlassAccount[] | null> {
  return readOnce(database, async (transaction) => {
    if (!(await isRootAdministrator(transaction, caller))) return null;
    return transaction.$queryRaw<BreakGlassAccount[]>`
      SELECT ${identityColumn("p")} AS principal, ${identityColumn("by")} AS "namedBy", b.named_at AS "namedAt", b.reason,
        ${readinessColumns}
      FROM break_glass_accounts b JOIN principals p ON p.id = b.user_id JOIN principals by ON by.id = b.named_by_id
      ORDER BY b.named_at, b.user_id LIMIT ${mostBreakGlassAccounts}`;
  });
}

/**
 * Sign-ins by break-glass accounts that wait for a review, oldest first, at most `most`. Empty if the
 * caller is not a root administrator.
 */
export function openBreakGlassUses(
  database: Database,
  caller: Caller,
  most: number,
): Promise<readonly BreakGlassUse[]> {
  return readOnce(database, async (transaction) => {
    // Usually there is none, and nothing else is read.
    const rows = await transaction.$queryRaw<BreakGlassUse[]>`
      SELECT ${planOnce} i.session_id AS "sessionId", ${identityColumn("p")} AS principal, i.used_at AS "usedAt",
        s.sign_in_method::text AS method, s.ip_address AS "ipAddress",
        i.user_id <> ${caller.userId}::uuid
          AND NOT power_came_from(${caller.userId}::uuid, i.user_id, i.used_at, false) AS "mayClose"
      FROM break_glass_sign_ins i JOIN principals p ON p.id = i.user_id JOIN sessions s ON s.id = i.session_id
      WHERE i.closed_at IS NULL ORDER BY i.used_at, i.session_id LIMIT ${Prisma.raw(String(Math.trunc(most)))}`;
    return rows.length > 0 && (await isRootAdministrator(transaction, caller)) ? rows : [];
  });
}

/** People who could be added to the list, by name or address. Empty for callers who may not change it. */
export function searchBreakGlass(
  database: Database,
  caller: Caller,
  search: string,
): Promise<readonly PrincipalIdentity[]> {
  return readOnce(database, async (transaction) => {
    const root = await rootResource(transaction);
    for (const right of [action.writePrincipals, action.writeRoleSettings])
      if (!(await may(transaction, caller.userId, right, root.id))) return [];
    const others = Prisma.sql`p.type = 'User'
      AND NOT EXISTS (SELECT FROM break_glass_accounts b WHERE b.user_id = p.id)`;
    return rankedPrincipals(transaction, search, others);
  });
}
