import type { GroupMemberRow } from "@/lib/domain/imports/import-kinds";
import { readMailAddress } from "@/lib/domain/people/mail-address";
import { sameNameKey } from "@/lib/domain/text/names";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import type { ImportItem } from "@/lib/operations/imports/importer";
import { type FoundPrincipal, findPrincipals, fitsSeveral } from "@/lib/operations/imports/principal-targets";
import type { Transaction } from "@/lib/platform/database";

export interface Pair {
  readonly group: FoundPrincipal;
  readonly member: FoundPrincipal;
}

export function keyOf({ group, member }: Pair): string {
  return `${group.id} ${member.id}`;
}

/** What a row names, or a message about what is unknown, with the group if that is known. */
export type MembershipTarget =
  | { readonly pair: Pair; readonly group: FoundPrincipal }
  | { readonly pair: null; readonly group: FoundPrincipal | null; readonly fault: string };

/** The group and the member of each row, by number. */
export async function findMemberships(
  transaction: Transaction,
  items: readonly Pick<ImportItem<GroupMemberRow>, "number" | "data">[],
): Promise<Map<number, MembershipTarget>> {
  const names = items.flatMap(({ data }) => [data.group, data.member]);
  const rows = await findPrincipals(transaction, names);
  const known = new Map<string, Map<string, FoundPrincipal>>();
  const named = new Map<string, FoundPrincipal[]>();
  for (const row of rows) {
    for (const name of [row.email, row.externalId, row.id]) {
      const key = name && sameNameKey(name);
      if (key) known.set(key, (known.get(key) ?? new Map()).set(row.id, row));
    }
    const name = sameNameKey(row.displayName);
    // A group must not get what is meant for an unknown person of the same name.
    if (row.type === "Group" && !isUuid(name) && !readMailAddress(row.displayName).ok)
      named.set(name, [...(named.get(name) ?? []), row]);
  }
  const find = (text: string): FoundPrincipal | string => {
    // An external id must not decide to whom another principal's name, address or id leads (rule 12).
    const fitting = [...(known.get(sameNameKey(text))?.values() ?? [])];
    const [found] = fitting;
    const [group, another] = named.get(sameNameKey(text)) ?? [];
    if (found && group && group.id !== found.id) fitting.push(group);
    if (fitting.length > 1) return fitsSeveral(text, fitting);
    if (found) return found;
    if (another) return `Several groups are called ${text}. Use an id.`;
    return group ?? `${text} is not known. Import users and groups first.`;
  };
  return new Map(
    items.map(({ number, data }): [number, MembershipTarget] => {
      const [group, member] = [find(data.group), find(data.member)];
      if (typeof group === "string") return [number, { pair: null, group: null, fault: group }];
      if (group.type !== "Group")
        return [number, { pair: null, group: null, fault: `${isolated(group.displayName)} is not a group.` }];
      if (typeof member === "string") return [number, { pair: null, group, fault: member }];
      return [number, { pair: { group, member }, group }];
    }),
  );
}
