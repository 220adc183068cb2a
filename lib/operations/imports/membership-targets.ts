import type { GroupMemberRow } from "@/lib/domain/import-kinds";
import type { PrincipalType } from "@/lib/domain/principal";
import type { ImportItem } from "@/lib/operations/imports/importer";
import type { Transaction } from "@/lib/platform/database";

/** A group or a member as rows name them. */
export interface FoundPrincipal {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | null;
  readonly email: string | null;
  readonly type: PrincipalType;
  readonly disabled: boolean;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface Pair {
  readonly group: FoundPrincipal;
  readonly member: FoundPrincipal;
}

export function keyOf({ group, member }: Pair): string {
  return `${group.id} ${member.id}`;
}

/** What a row names; or, in words, what of it is not known, and the group at least where that is. */
export type MembershipTarget =
  | { readonly pair: Pair; readonly group: FoundPrincipal }
  | { readonly pair: null; readonly group: FoundPrincipal | null; readonly fault: string };

/** The group and the member of each row, by number. */
export async function findMemberships(
  transaction: Transaction,
  items: readonly ImportItem<GroupMemberRow>[],
): Promise<Map<number, MembershipTarget>> {
  const names = [
    ...new Set(items.flatMap(({ data }) => [data.group.toLowerCase(), data.member.toLowerCase()])),
  ];
  const rows = await transaction.$queryRaw<(FoundPrincipal & { nameKey: string })[]>`
    SELECT id, display_name AS "displayName", external_id AS "externalId", email, type::text,
      disabled_at IS NOT NULL AS disabled, lower(display_name) AS "nameKey"
    FROM principals
    WHERE lower(external_id) = ANY (${names}) OR id = ANY (${names.filter((name) => uuid.test(name))}::uuid[])
      OR (type = 'User' AND lower(email) = ANY (${names})) OR (type = 'Group' AND lower(display_name) = ANY (${names}))
    ORDER BY id`;
  const known = new Map<string, FoundPrincipal>();
  const named = new Map<string, FoundPrincipal[]>();
  for (const row of rows) {
    for (const name of [row.email, row.externalId, row.id]) if (name) known.set(name.toLowerCase(), row);
    if (row.type === "Group") named.set(row.nameKey, [...(named.get(row.nameKey) ?? []), row]);
  }
  const find = (text: string): FoundPrincipal | string => {
    const found = known.get(text.toLowerCase());
    const [group, another] = named.get(text.toLowerCase()) ?? [];
    if (found) return found;
    if (another) return `Several groups are called ${text}: use an id.`;
    return group ?? `${text} is not known. Import users and groups first.`;
  };
  return new Map(
    items.map(({ number, data }): [number, MembershipTarget] => {
      const [group, member] = [find(data.group), find(data.member)];
      if (typeof group === "string") return [number, { pair: null, group: null, fault: group }];
      if (group.type !== "Group")
        return [number, { pair: null, group: null, fault: `${group.displayName} is not a group.` }];
      if (typeof member === "string") return [number, { pair: null, group, fault: member }];
      return [number, { pair: { group, member }, group }];
    }),
  );
}
