import { afterAll, beforeAll, expect, it } from "vitest";
import type { StandingFilter } from "@/lib/domain/assignments/standing-access";
import { roleRisks } from "@/lib/domain/roles/role-risk";
import type { Caller } from "@/lib/platform/caller";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { listStandingAccess } from "@/lib/queries/assignments/standing-access";
import { type Few, usualFew } from "@/lib/queries/assignments/standing-rows";
import { firstPage, type PagePlace } from "@/lib/queries/pages";
import { makeAdministration } from "../../support/administration";
import { grant, makeRole, pastTheRules } from "../../support/factories";

/** The same numbers in each run. */
let seed = 20_261_202;
function random(below: number): number {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
  return (seed >>> 8) % below;
}

let at: Awaited<ReturnType<typeof makeAdministration>>;
let part: Caller;
let resources: { id: string }[];
let roles: { id: string; rank: number }[];
beforeAll(async () => {
  at = await makeAdministration();
  const permissions = [
    { actions: ["Microsoft.Authorization/*"] },
    { actions: ["*"], notActions: ["Microsoft.Authorization/*"] },
    { actions: ["*/read"], dataActions: ["Contoso.Shop/orders/read"] },
    { actions: ["Contoso.Shop/pods/restart/action"] },
    { actions: ["*/read"] },
  ];
  roles = [];
  for (const [rank, permission] of permissions.entries())
    for (const name of ["Reader of all", "Keeper"])
      roles.push({ id: (await makeRole(at.database, `${name} ${rank}`, permission)).id, rank });
  // Made in an order that differs from that of their depth.
  resources = [at.tree.group, at.tree.root, at.tree.subscription];
  for (let each = 0; each < 24; each++) {
    const parent = resources[random(resources.length)] ?? at.tree.root;
    resources.push(
      await at.database.client.resource.create({
        data: {
          ...{ parentId: parent.id, scope: `/made/r${each}`, displayName: `r${each}` },
          resourceType: "Contoso.Shop/pods",
        },
      }),
    );
  }
  const people: { id: string }[] = [];
  for (let each = 0; each < 120; each++)
    people.push(
      await at.database.client.principal.create({
        data:
          each % 5 === 0
            ? { type: "Group", displayName: `Team ${each}` }
            : { type: "User", displayName: `Person ${each}`, email: `p${each}@contoso.example` },
      }),
    );
  const held = new Set<string>();
  const assignments = Array.from({ length: 420 }, () => ({
    principalId: people[random(people.length)]?.id ?? "",
    // Some roles are rare, and one has the most holders.
    roleDefinitionId: roles[random(3) === 0 ? random(roles.length) : 9]?.id ?? "",
    // One resource has more than a page of one risk.
    resourceId: resources[random(2) === 0 ? 4 : random(resources.length)]?.id ?? "",
    assignmentType: "Assigned" as const,
    ...[lasting, lasting, lasting, { ...lasting, endsAt: new Date(Date.now() + 9e9) }, past, future][
      random(6)
    ],
  })).filter((row) => {
    const key = row.principalId + row.roleDefinitionId + row.resourceId;
    return !held.has(key) && held.add(key);
  });
  await pastTheRules(at.database, (to) =>
    to.assignment.createMany({ data: assignments.map((row) => ({ startsAt: new Date(), ...row })) }),
  );
  part = await at.person("Paula Part");
  const reads = await makeRole(at.database, "Sees assignments", {
    actions: ["Microsoft.Authorization/roleAssignments/read"],
  });
  for (const place of [resources[2], resources[9], resources[20]])
    await grant(at.database, "active", part.userId, reads.id, place?.id ?? "");
});
afterAll(() => at.test.drop());

const lasting = { startsAt: new Date(Date.now() - 9e9) };
const past = { startsAt: new Date(Date.now() - 9e9), endsAt: new Date(Date.now() - 9e8) };
const future = { startsAt: new Date(Date.now() + 9e8) };
const everything: StandingFilter = { risk: null, roleDefinitionId: null, kind: null, search: "" };

/** The ids in order, by checking all conditions on each row and sorting all rows. */
async function plainly(caller: Caller, resourceId: string, filter: StandingFilter): Promise<string[]> {
  const { rows } = await at.test.asOwner(
    `SELECT x.id, d.id AS role FROM assignments x JOIN role_definitions d ON d.id = x.role_definition_id
       JOIN principals p ON p.id = x.principal_id JOIN resources r ON r.id = x.resource_id
     WHERE x.assignment_type = 'Assigned' AND x.starts_at <= now() AND (x.ends_at IS NULL OR x.ends_at > now())
       AND $1::uuid = ANY (path_ids(r.path)) AND ($2::uuid IS NULL OR d.id = $2)
       AND ($3::text IS NULL OR p.type::text = $3)
       AND (p.display_name || ' ' || coalesce(p.email, '') ILIKE $4 OR d.role_name ILIKE $4)
       AND EXISTS (SELECT FROM assignments m JOIN role_definitions s ON s.id = m.role_definition_id
         WHERE m.principal_id = $5 AND s.role_name IN ('Owner', 'Sees assignments')
           AND m.resource_id = ANY (path_ids(r.path)))
     ORDER BY cardinality(path_ids(r.path)), r.id, d.id, x.id`,
    [resourceId, filter.roleDefinitionId, filter.kind, `%${filter.search}%`, caller.userId],
  );
  const rankOf = ({ role }: { role: string }) => roles.find(({ id }) => id === role)?.rank ?? 0;
  const ranks = filter.risk === null ? roleRisks.map((_, rank) => rank) : [roleRisks.indexOf(filter.risk)];
  // The role that sees assignments can only read.
  const ranked = rows.map((row) => ({ ...row, rank: row.role === seesId ? 4 : rankOf(row) }));
  return ranks.flatMap((rank) => ranked.filter((row) => row.rank === rank).map(({ id }) => id));
}
let seesId: string | undefined;

async function inPages(caller: Caller, resourceId: string, filter: StandingFilter, few: Few) {
  const read = (place: PagePlace) =>
    listStandingAccess(at.database, caller, resourceId, filter, place, noIssuers, few);
  const ids: string[] = [];
  const pages = [await read(firstPage)];
  for (let page = pages[0]; page; page = pages.at(-1)) {
    ids.push(...page.rows.map(({ id }) => id));
    if (page.next === null) break;
    pages.push(await read({ after: page.next, before: "" }));
  }
  for (let index = pages.length - 1; index > 0; index--) {
    const back = await read({ after: "", before: pages[index]?.previous ?? "" });
    expect(back.rows).toEqual(pages[index - 1]?.rows);
  }
  expect(pages[0]?.total.count).toBe(ids.length);
  return ids;
}

it("lists and counts what a plain question does, in its order, whatever is few, to whoever reads all or a part", async () => {
  seesId = (
    await at.database.client.roleDefinition.findFirstOrThrow({ where: { roleName: "Sees assignments" } })
  ).id;
  const filters: Partial<StandingFilter>[] = [
    {},
    { risk: "Reads" },
    { risk: "GivesAccess" },
    { roleDefinitionId: roles[9]?.id ?? null },
    { kind: "Group" },
    { kind: "User", search: "1" },
    { search: "person 7" },
    { search: "keeper" },
    { search: "keeper 1", kind: "Group" },
    { search: "nobody" },
  ];
  const fews: Few[] = [
    { rows: 12, places: 4 },
    { rows: 0, places: 0 },
  ];
  const counts: number[] = [];
  for (const [caller, place, some] of [
    [at.owner, at.tree.root.id, filters],
    [part, at.tree.root.id, filters.slice(0, 6)],
    [at.owner, at.tree.subscription.id, filters.slice(0, 1)],
  ] as const)
    for (const filter of some) {
      const asked = { ...everything, ...filter };
      const expected = await plainly(caller, place, asked);
      counts.push(expected.length);
      for (const few of filter.risk === "Reads" ? [usualFew, ...fews] : fews)
        expect(await inPages(caller, place, asked, few), JSON.stringify({ filter, few, place })).toEqual(
          expected,
        );
    }
  expect(Math.max(...counts)).toBeGreaterThan(150);
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(12);
});
