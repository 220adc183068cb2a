import type { ImportPrincipal } from "@/lib/domain/imports/import-principal";
import { sameNameKey } from "@/lib/domain/text/names";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import { groupsNamed, type KnownPrincipal, knownBy } from "@/lib/operations/people/refuse-taken-names";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { nameKeys } from "@/lib/platform/sql/name-keys";

/** Somebody whom rows name. */
export type FoundPrincipal = KnownPrincipal;

/** Every principal to whom one of these names leads, and the groups with such a name, however it is written. */
export async function findPrincipals(
  transaction: Transaction,
  names: readonly string[],
): Promise<FoundPrincipal[]> {
  const known = await knownBy(transaction, names);
  const ids = new Set(known.map(({ id }) => id));
  const groups = (await groupsNamed(transaction, names)).filter(({ id }) => !ids.has(id));
  return [...known, ...groups];
}

const modes = { shared: Prisma.sql`FOR SHARE`, alone: Prisma.sql`FOR NO KEY UPDATE` };

/**
 * Locks every principal to whom one of these names leads, and the groups with such a name, until the
 * transaction ends: shared, or exclusively to change them. In the order of their ids.
 */
export async function lockPrincipals(
  transaction: Transaction,
  mode: keyof typeof modes,
  names: readonly string[],
  groupNames: readonly string[],
): Promise<void> {
  const ids = names.map(sameNameKey).filter(isUuid);
  await transaction.$queryRaw`
    SELECT id FROM principals
    WHERE name_key(external_id) = ANY (${nameKeys(names)}) OR name_key(email) = ANY (${nameKeys(names)})
      OR id = ANY (${ids}::uuid[])
      OR (type = 'Group' AND name_key(display_name) = ANY (${nameKeys(groupNames)}))
    ORDER BY id ${modes[mode]}`;
}

/** Why a name that several principals share leads to none of them, and who they are. */
export function fitsSeveral(name: string, found: readonly FoundPrincipal[]): string {
  const fitting = found.slice(0, 3).map(({ displayName, email, externalId, id }) => {
    const known = [email, externalId && `external id ${externalId}`, `id ${id}`].filter(Boolean);
    return `${isolated(displayName)} (${known.join(", ")})`;
  });
  return `${name} matches more than one here: ${fitting.join(" and ")}. Make their external ids differ.`;
}

/** A principal as a row refers to it. */
export function aboutPrincipal(
  as: ImportPrincipal["as"],
  { id, type, displayName, email, externalId }: Omit<FoundPrincipal, "disabled">,
): ImportPrincipal {
  return { as, id, type, displayName, email, externalId };
}
