import type { PrincipalType } from "@/lib/domain/people/principal";
import { shortIdentifierOf } from "@/lib/domain/people/principal-identity";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Transaction } from "@/lib/platform/database";
import { type FoundOfKind, mostOfEach, nothingFound } from "@/lib/queries/preferences/palette-item";
import { type HeldRole, nextOfPerson } from "@/lib/queries/preferences/palette-next";

/** People, groups and service principals by name or email, for those who may read them: a permission at the root. */
export async function findPeople(
  transaction: Transaction,
  held: readonly HeldRole[],
  words: readonly string[],
): Promise<FoundOfKind> {
  const reads = held.some(
    (each) => !each.path.includes(".") && anyAllows(each.permissions, action.readPrincipals),
  );
  if (!reads) return nothingFound;
  const whole = words.join(" ");
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best));
  const people = await transaction.$queryRaw<
    {
      id: string;
      displayName: string;
      email: string | null;
      externalId: string | null;
      type: PrincipalType;
    }[]
  >`
    SELECT id, display_name AS "displayName", email, external_id AS "externalId", type FROM (
      (SELECT id, display_name, email, external_id, type::text FROM principals
      WHERE lower(display_name) COLLATE "C" >= ${whole}
        AND lower(display_name) COLLATE "C" < ${`${whole}\u{10ffff}`}
      ORDER BY lower(display_name) COLLATE "C" LIMIT 50)
      UNION
      (SELECT id, display_name, email, external_id, type::text FROM principals
      WHERE ${longest.length >= 3} AND (display_name || ' ' || coalesce(email, '')) ILIKE ${containing(longest)}
        AND (display_name || ' ' || coalesce(email, '')) ILIKE ALL (${words.map(containing)}::text[])
      LIMIT 200)
    ) found
    ORDER BY starts_with(lower(display_name), ${whole}) DESC, lower(display_name), id LIMIT ${mostOfEach}`;
  const [best] = people;
  return {
    items: people.map((person) => ({
      id: person.id,
      label: person.displayName,
      hint: shortIdentifierOf(person),
      href: `/people/${person.id}`,
    })),
    next: best ? nextOfPerson(held, { ...best, acts: best.type !== "Group" }) : [],
  };
}
