import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Transaction } from "@/lib/platform/database";
import { identityColumn } from "@/lib/platform/principal-identity";

/** Principals by id, as pages show them, by name; at most two hundred. */
export async function namedPrincipals(
  transaction: Transaction,
  ids: readonly string[],
): Promise<NamedPrincipal[]> {
  if (ids.length === 0) return [];
  const rows = await transaction.$queryRaw<{ identity: PrincipalIdentity; disabled: boolean }[]>`
    SELECT ${identityColumn("p")} AS identity, p.disabled_at IS NOT NULL AS disabled FROM principals p
    WHERE p.id = ANY (${[...ids]}::uuid[]) ORDER BY lower(p.display_name), p.id LIMIT 200`;
  return rows.map(({ identity, disabled }) => ({ ...identity, disabled }));
}
