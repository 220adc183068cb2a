import { principalTypes } from "@/lib/domain/people/principal";
import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { type About, bad, type ImportVerdict } from "@/lib/operations/imports/importer";
import { aboutPrincipal } from "@/lib/operations/imports/principal-targets";
import { type KnownPrincipal, keysOf, knownBy } from "@/lib/operations/people/refuse-taken-names";
import type { Transaction } from "@/lib/platform/database";

/** Whether a name is the same as another. */
export function is(name: string | null, other: string | null): boolean {
  return name !== null && other !== null && sameNameKey(name) === sameNameKey(other);
}

export function inWords({ displayName, type }: KnownPrincipal): string {
  const name = isolated(displayName);
  return type === "User" ? name : `the ${principalTypes[type].toLowerCase()} ${name}`;
}

/** Why a row may not change what a directory owns; null if none owns it. */
export function ownedFault({ displayName, directoryName }: KnownPrincipal): string | null {
  if (directoryName === null) return null;
  return `${isolated(displayName)} belongs to the directory ${isolated(directoryName)}. Change it there.`;
}

/** The principals to whom each of these names leads, however it is written. */
export async function byName(
  transaction: Transaction,
  names: readonly string[],
): Promise<(name: string) => readonly KnownPrincipal[]> {
  const found = new Map<string, KnownPrincipal[]>();
  for (const each of await knownBy(transaction, names)) {
    for (const key of new Set(keysOf(each))) found.set(key, [...(found.get(key) ?? []), each]);
  }
  return (name) => found.get(sameNameKey(name)) ?? [];
}

/** Refuses a row about a principal whom an earlier row is about, by whatever name. */
export function secondRows(): (number: number, same: KnownPrincipal) => ImportVerdict | null {
  const first = new Map<string, number>();
  return (number, same) => {
    const before = first.get(same.id);
    first.set(same.id, before ?? number);
    if (before === undefined) return null;
    return bad(number, `It is about ${isolated(same.displayName)}, as row ${before} is.`, aboutPerson(same));
  };
}

export function aboutPerson(person: KnownPrincipal): About {
  return { principals: [aboutPrincipal("Person", person)], facts: {} };
}
