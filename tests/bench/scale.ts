import { countAccess } from "@/lib/operations/figures/count-access";
import type { Database } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import { pastTheRules } from "../support/factories";
import { enlarge, fillOnePage } from "./enlarge";
import { milliseconds, type Row, ratio, timeRuns } from "./figures";
import { contributorId, productionScope, startSession } from "./members";
import type { Server } from "./server";

/** Every list of the product, and the searches and filters that are found in different ways. */
const everyList = [
  "/",
  "/my-roles",
  "/my-roles?tab=active",
  "/my-roles?tab=expired",
  "/my-requests",
  "/approvals",
  "/dashboard",
  "/dashboard/mfa-coverage",
  "/dashboard/mfa-coverage?mfa=without&search=person",
  "/dashboard/mfa-coverage?of=settings",
  "/assignments",
  ...["Eligible", "Assigned", "Activated"].map((state) => `/assignments?state=${state}`),
  ...["person", "reader", "zzz"].map((search) => `/assignments?search=${search}`),
  "/assignments?ends=14",
  "/assignments?created=30",
  "/assignments?mfa=people",
  "/assignments?mfa=settings",
  "/assignments?when=any",
  "/assignments?sort=end",
  "/assignments?role={roleId}",
  "/assignments/pending",
  "/access-reviews",
  "/notifications",
  "/my-audit",
  "/audit",
  "/audit?kind=RoleActivated",
  "/audit?outcome=Failure",
  ...["member", "person 777", "zzz"].map((actor) => `/audit?actor=${encodeURIComponent(actor)}`),
  "/resources",
  ...["name", "-name", "type", "scope"].map((sort) => `/resources?view=list&sort=${sort}`),
  ...["vm-77", "prod-web", "s", "zzz"].map((search) => `/resources?view=list&search=${search}`),
  "/resources?view=list&type=Microsoft.Compute/virtualMachines",
  ...["prod-web", "vm-77", "vm", "s", "web", "zzz"].map((typed) => `/palette?search=${typed}`),
];

/** The edit form of role settings as it is sent without scripts, with a ticket asked for. */
const replayed = new URLSearchParams({
  ...{ expectedVersion: "0", activationMaximumMinutes: "8", activationRequiresTicket: "on" },
  ...{ eligibleMaximumDays: "365", activeMaximumDays: "180", activationRequiresJustification: "on" },
});

/** What only whoever reads the whole organisation can open. */
const listsOfOwner = [
  "/assignments?resource={id}&below=1",
  "/people",
  "/people?search=person",
  "/people?search=zzz",
  "/import",
  "/worker",
  ...["{id}", "{groupId}"].flatMap((id) =>
    [
      "",
      "/roles",
      "/roles/{roleId}",
      "/settings",
      "/assignments",
      "/assignments/requests",
      "/alerts",
      "/access-reviews",
      "/audit",
      "/standing-access",
      "/standing-access?risk=Reads",
    ].map((page) => `/resources/${id}${page}`),
  ),
  "/palette?search=activate+contributor+on+vm",
  // A replay: what a ticket would have done to the requests of the last ninety days.
  ...["{id}", "{groupId}", "{rootId}"].map(
    (id) => `/resources/${id}/roles/{roleId}/settings/edit?${replayed}`,
  ),
];

/**
 * What the demo data has nothing of, beside what shows as much of the demo data: a page of fifty rows beside an empty one
 * would tell of drawing fifty rows.
 */
const shownInDemo: Readonly<Record<string, string>> = {
  "/assignments?search=person": "/assignments?search=reader",
  "/dashboard/mfa-coverage?mfa=without&search=person": "/dashboard/mfa-coverage?mfa=without",
  "/resources?view=list&search=vm-77": "/resources?view=list&search=s",
  "/audit?actor=person%20777": "/audit?kind=RoleActivated",
  "/palette?search=vm-77": "/palette?search=s",
  "/palette?search=vm": "/palette?search=s",
  "/palette?search=activate+contributor+on+vm": "/palette?search=activate+contributor+on+s",
};

/** Each list on the demo data and again with 100,000 resources and 1,000,000 assignments, as a ratio. */
export async function benchScale(server: Server, database: Database, cookie: string): Promise<Row[]> {
  const partial = await database.client.principal.create({
    data: { type: "User", displayName: "Reader of part", email: "part@bench.example" },
  });
  // All groups of the demo data, so that pages are as full as there are rows for, and 200 of the 1,000 that come to it.
  await readGroups(database, partial.id, {}, 12);
  const part = await startSession(server, database, partial.id);
  const asked = [
    ...[...everyList, ...listsOfOwner].map((path) => ({ path, cookie, who: "" })),
    ...everyList.map((path) => ({ path, cookie: part.cookie, who: ", to a reader of 20,000 resources" })),
  ];
  // Lists of requests show a page of them both times.
  await fillOnePage(server.databaseUrl);
  const inDemo = asked.map((each) => ({ ...each, path: shownInDemo[each.path] ?? each.path }));
  const small = await timePages(server, database, inDemo, {
    startsWith: `${productionScope}/resourceGroups/`,
  });
  await enlarge(server.databaseUrl);
  await readGroups(database, partial.id, { displayName: { startsWith: "scale-" } }, 200);
  // What the worker, which is off here, does within five minutes.
  await countAccess(database);
  const large = await timePages(server, database, asked, { endsWith: "/resourceGroups/scale-1" });
  return asked.map(({ path, who }, index) => ({
    what: path + who,
    measured: `p50 ${milliseconds(large[index] ?? 0)}`,
    floor: `${ratio(large[index] ?? 0, small[index] ?? 0)} (${milliseconds(small[index] ?? 0)} on the demo data)`,
    aim: "at most 2 x",
  }));
}

/** The median of each page, with Contoso Production as `{id}` and a resource group as `{groupId}`. */
async function timePages(
  server: Server,
  database: Database,
  asked: readonly { path: string; cookie: string }[],
  group: Prisma.StringFilter,
): Promise<number[]> {
  const { id } = await database.client.resource.findFirstOrThrow({ where: { scope: productionScope } });
  const { id: rootId } = await database.client.resource.findFirstOrThrow({ where: { scope: "/" } });
  const { id: groupId } = await database.client.resource.findFirstOrThrow({ where: { scope: group } });
  const medians: number[] = [];
  for (const { path, cookie } of asked) {
    const found = path
      .replace("{id}", id)
      .replace("{groupId}", groupId)
      .replace("{rootId}", rootId)
      .replace("{roleId}", contributorId);
    medians.push(await timePage(server, found, cookie));
  }
  return medians;
}

/** Gives somebody Reader at some resource groups. */
async function readGroups(
  database: Database,
  principalId: string,
  where: Prisma.ResourceWhereInput,
  take: number,
): Promise<void> {
  const { client } = database;
  const role = await client.roleDefinition.findFirstOrThrow({ where: { roleName: "Reader" } });
  const groups = await client.resource.findMany({
    where: { ...where, resourceType: "Microsoft.Resources/resourceGroups" },
    orderBy: { id: "asc" },
    take,
  });
  const common = { principalId, roleDefinitionId: role.id, assignmentType: "Assigned" as const };
  const startsAt = await inTransaction(database, databaseNow);
  await pastTheRules(database, (to) =>
    to.assignment.createMany({
      data: groups.map((group) => ({ ...common, resourceId: group.id, startsAt })),
    }),
  );
}

async function timePage(server: Server, path: string, cookie: string): Promise<number> {
  const { p50 } = await timeRuns(9, async () => {
    const response = await fetch(server.url + path, { headers: { cookie }, redirect: "manual" });
    await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  });
  return p50;
}
