import { formerDays, type PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** A joined row of `principals`, named by its alias, as one JSON value of the type `PrincipalIdentity`. */
export function identityColumn(alias: "p" | "a" | "b" | "g" | "u" | "by" | "each" | "asker"): Prisma.Sql {
  const of = Prisma.raw(alias);
  return Prisma.sql`jsonb_build_object('id', ${of}.id, 'displayName', ${of}.display_name, 'type', ${of}.type,
    'email', ${of}.email, 'externalId', ${of}.external_id,
    'former', CASE WHEN ${of}.former_identities IS NULL THEN '[]'::jsonb ELSE (
      SELECT coalesce(jsonb_agg(was ORDER BY position), '[]'::jsonb)
      FROM jsonb_array_elements(${of}.former_identities) WITH ORDINALITY AS f (was, position)
      WHERE (was ->> 'until')::timestamptz > postern_now() - make_interval(days => ${formerDays})) END)`;
}

/** Principals by id, by name; one look-up whatever their number. */
export async function identitiesOf(
  transaction: Pick<Transaction, "$queryRaw">,
  ids: readonly string[],
): Promise<PrincipalIdentity[]> {
  if (ids.length === 0) return [];
  const rows = await transaction.$queryRaw<{ identity: PrincipalIdentity }[]>`
    SELECT ${identityColumn("p")} AS identity FROM principals p
    WHERE p.id = ANY (${[...new Set(ids)]}::uuid[]) ORDER BY lower(p.display_name), p.id`;
  return rows.map(({ identity }) => identity);
}
