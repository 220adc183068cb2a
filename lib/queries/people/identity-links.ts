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
  /** It came from a directory's external id, so it confirms nothing. */
  readonly byDirectory: boolean;
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
        directory_id IS NOT NULL AS "byDirectory"
      FROM identity_links WHERE principal_id = ${principalId}::uuid ORDER BY created_at, id LIMIT 10`;
  });
}
