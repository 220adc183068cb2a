import { externalIdFault, type PrincipalType } from "@/lib/domain/people/principal";
import { sameNameKey } from "@/lib/domain/text/names";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { lockNames, nameKeys } from "@/lib/platform/sql/name-keys";

type Entry = Omit<AuditEntry, "outcome">;

/** A principal with every name that leads to it. */
export interface KnownPrincipal {
  readonly id: string;
  readonly type: PrincipalType;
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly disabled: boolean;
  /** The directory that owns it, unless that directory has ended. */
  readonly directoryId: string | null;
  readonly directoryName: string | null;
}

const knownColumns = Prisma.sql`
  p.id, p.type::text, p.display_name AS "displayName", p.email, p.external_id AS "externalId",
  p.disabled_at IS NOT NULL AS disabled, d.id AS "directoryId", d.name AS "directoryName"
  FROM principals p LEFT JOIN directories d ON d.id = p.directory_id AND d.ended_at IS NULL`;

/** Every principal whose address, external id or id is one of these, however it is written. */
export function knownBy(transaction: Transaction, names: readonly string[]): Promise<KnownPrincipal[]> {
  const ids = names.map(sameNameKey).filter(isUuid);
  return transaction.$queryRaw<KnownPrincipal[]>`
    SELECT ${knownColumns}
    WHERE name_key(p.external_id) = ANY (${nameKeys(names)}) OR name_key(p.email) = ANY (${nameKeys(names)})
      OR p.id = ANY (${ids}::uuid[])
    ORDER BY p.id`;
}

/** The names that lead to a principal, as they are compared. */
export function keysOf({ id, email, externalId }: Pick<KnownPrincipal, "id" | "email" | "externalId">) {
  return [id, email, externalId].flatMap((name) => (name === null ? [] : [sameNameKey(name)]));
}

/** Groups with one of these names, however it is written. */
export function groupsNamed(transaction: Transaction, names: readonly string[]): Promise<KnownPrincipal[]> {
  return transaction.$queryRaw<KnownPrincipal[]>`
    SELECT ${knownColumns}
    WHERE p.type = 'Group' AND name_key(p.display_name) = ANY (${nameKeys(names)}) ORDER BY p.id`;
}

/**
 * Refuses an email address or external id that already leads to another principal, by its address, external id or id
 * (docs/rules.md, rule 12), and a group's name that another group has. Unchanged names are not checked. Two
 * transactions that take the same name at once meet at its lock, and also at the key of `principal_names`.
 */
export async function refuseTakenNames(
  transaction: Transaction,
  names: {
    readonly id: string | null;
    readonly type: PrincipalType;
    readonly displayName: string;
    readonly email: string | null;
    readonly externalId: string | null;
  },
  before: {
    readonly displayName: string;
    readonly email: string | null;
    readonly externalId: string | null;
  } | null,
  entry: Entry,
): Promise<void> {
  const words = { email: "email address", externalId: "external id" } as const;
  const fields = (["email", "externalId"] as const).filter(
    (field) => names[field] !== null && names[field] !== before?.[field],
  );
  const asked = fields.flatMap((field) => names[field] ?? []);
  await lockNames(transaction, "principal", asked);
  const others = (await knownBy(transaction, asked)).filter(({ id }) => id !== names.id);
  const faults = fields.flatMap((field) =>
    others
      .filter((other) => keysOf(other).includes(sameNameKey(names[field] ?? "")))
      .map(({ displayName }) => ({
        field: field as string,
        message: `${isolated(displayName)} already has this ${words[field]}.`,
      })),
  );
  const fault = names.externalId === before?.externalId ? null : externalIdFault(names);
  if (fault !== null && !faults.some(({ field }) => field === "externalId"))
    faults.push({ field: "externalId", message: fault });
  if (names.type === "Group" && names.displayName !== before?.displayName) {
    await lockNames(transaction, "group", [names.displayName]);
    const twin = (await groupsNamed(transaction, [names.displayName])).find(({ id }) => id !== names.id);
    if (twin) {
      const message = `There is already a group named ${isolated(twin.displayName)}.`;
      faults.push({ field: "displayName", message });
    }
  }
  if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
}
