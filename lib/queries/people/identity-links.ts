import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";
import { peopleRights } from "@/lib/queries/people/people";

/** An identity at a provider by which somebody signs in. */
export interface IdentityLink {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  /** The provider's most recent name for them. */
  readonly address: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  /**
   * Who brought it about, where it confirms nothing until its person makes it their own: a directory's external id, or an
   * administrator, for somebody who had a second factor.
   */
  readonly unconfirming: "Directory" | "Administrator" | null;
}

/** The links of a person, oldest first, at most ten. Empty for callers who may not read them. */
export function identityLinksOf(
  database: Database,
  caller: Caller,
  principalId: string,
): Promise<readonly IdentityLink[]> {
  return readOnce(database, async (transaction) => {
    if (principalId !== caller.userId && !(await peopleRights(transaction, caller)).read) return [];
    return transaction.$queryRaw<IdentityLink[]>`
      SELECT id, issuer, subject, address, created_at AS "createdAt", last_used_at AS "lastUsedAt",
        CASE WHEN directory_id IS NOT NULL THEN 'Directory'
          WHEN beside_factor AND NOT link_counts(id) THEN 'Administrator' END AS unconfirming
      FROM identity_links WHERE principal_id = ${principalId}::uuid ORDER BY created_at, id LIMIT 10`;
  });
}
