import type { PrincipalType } from "@/lib/domain/principal";
import type { Transaction } from "@/lib/platform/database";
import { lowered } from "@/lib/platform/lowered";

/** Somebody whom rows name. */
export interface FoundPrincipal {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly email: string | null;
  readonly type: PrincipalType;
  readonly disabled: boolean;
}

/** How an identifier of Postern's own is written, in lower case. */
export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Everybody whose external id, id here or, of users, email address is among the names, in whatever case; and the groups
 * that are called one of the others.
 */
export function findPrincipals(
  transaction: Transaction,
  names: readonly string[],
  groupNames: readonly string[],
): Promise<FoundPrincipal[]> {
  const ids = names.map((name) => name.toLowerCase()).filter((name) => uuid.test(name));
  return transaction.$queryRaw<FoundPrincipal[]>`
    SELECT id, display_name AS "displayName", external_id AS "externalId", email, type::text,
      disabled_at IS NOT NULL AS disabled
    FROM principals
    WHERE lower(external_id) = ANY (${lowered(names)}) OR id = ANY (${ids}::uuid[])
      OR (type = 'User' AND lower(email) = ANY (${lowered(names)}))
      OR (type = 'Group' AND lower(display_name) = ANY (${lowered(groupNames)}))
    ORDER BY id`;
}
