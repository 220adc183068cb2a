import { countAccess } from "@/lib/operations/count-access";
import type { Database } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import { enlarge } from "./enlarge";
import { milliseconds, type Row, ratio, timeRuns } from "./figures";
import { contributorId, productionScope, startSession } from "./members";
import type { Server } from "./server";

/** Lists that must not grow slow with what lies around the part that they show. */
function listsOf(resourceId: string): string[] {
  return [
    "/",
    "/my-roles",
    "/my-requests",
    "/approvals",
    "/dashboard",
    "/people",
    "/people?search=person",
    "/palette?search=prod-web",
    "/resources",
    "/resources?search=prod-web",
    `/resources/${resourceId}`,
    `/resources/${resourceId}/roles`,
    `/resources/${resourceId}/roles/${contributorId}`,
    `/resources/${resourceId}/assignments`,
    `/resources/${resourceId}/audit`,
    "/audit",
  ];
}

/** The same for somebody who may read only part of it: three resource groups of the demo data, then 200 more. */
const listsOfPart = [
  "/",
  "/dashboard",
  "/resources",
  "/resources?search=vm-77",
  ...["vm-77", "vm", "s", "web"].map((typed) => `/palette?search=${typed}`),
];

/** Each list on the demo data and again with 100,000 resources and 1,000,000 assignments, as a ratio. */
export async function benchScale(server: Server, database: Database, cookie: string): Promise<Row[]> {
  const { id } = await database.client.resource.findFirstOrThrow({ where: { scope: productionScope } });
  const partial = await database.client.principal.create({
    data: { type: "User", displayName: "Reader of part", email: "part@bench.example" },
  });
  await readGroups(database, partial.id, { scope: { startsWith: productionScope } }, 3);
  const part = await startSession(server, database, partial.id);
  const asked = [
    ...listsOf(id).map((path) => ({ path, cookie, who: "" })),
    ...listsOfPart.map((path) => ({ path, cookie: part.cookie, who: ", to a reader of 20,000 resources" })),
  ];
  const before: number[] = [];
  for (const each of asked) before.push(await timePage(server, each.path, each.cookie));
  await enlarge(server.databaseUrl);
  await readGroups(database, partial.id, { displayName: { startsWith: "scale-" } }, 200);
  // What the worker, which is off here, does within five minutes.
  await countAccess(database);
  const rows: Row[] = [];
  for (const [index, { path, cookie: theirs, who }] of asked.entries()) {
    const small = before[index] ?? 0;
    const large = await timePage(server, path, theirs);
    rows.push({
      what: path.replace(id, "{id}").replace(contributorId, "{roleId}") + who,
      measured: `p50 ${milliseconds(large)}`,
      floor: `${ratio(large, small)} (${milliseconds(small)} on the demo data)`,
      aim: "at most 2 x",
    });
  }
  return rows;
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
  await client.assignment.createMany({
    data: groups.map((group) => ({ ...common, resourceId: group.id, startsAt })),
  });
}

async function timePage(server: Server, path: string, cookie: string): Promise<number> {
  const { p50 } = await timeRuns(9, async () => {
    const response = await fetch(server.url + path, { headers: { cookie }, redirect: "manual" });
    await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  });
  return p50;
}
