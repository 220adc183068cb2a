import { countAccess } from "@/lib/operations/count-access";
import type { Database } from "@/lib/platform/database";
import { enlarge } from "./enlarge";
import { milliseconds, type Row, ratio, timeRuns } from "./figures";
import { contributorId, productionScope } from "./members";
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

/** Each list on the demo data and again with 100,000 resources and 1,000,000 assignments, as a ratio. */
export async function benchScale(server: Server, database: Database, cookie: string): Promise<Row[]> {
  const { id } = await database.client.resource.findFirstOrThrow({ where: { scope: productionScope } });
  const paths = listsOf(id);
  const before = new Map<string, number>();
  for (const path of paths) before.set(path, await timePage(server, path, cookie));
  await enlarge(server.databaseUrl);
  // What the worker, which is off here, does within five minutes.
  await countAccess(database);
  const rows: Row[] = [];
  for (const path of paths) {
    const small = before.get(path) ?? 0;
    const large = await timePage(server, path, cookie);
    rows.push({
      what: path.replace(id, "{id}").replace(contributorId, "{roleId}"),
      measured: `p50 ${milliseconds(large)}`,
      floor: `${ratio(large, small)} (${milliseconds(small)} on the demo data)`,
      aim: "at most 2 x",
    });
  }
  return rows;
}

async function timePage(server: Server, path: string, cookie: string): Promise<number> {
  const { p50 } = await timeRuns(9, async () => {
    const response = await fetch(server.url + path, { headers: { cookie }, redirect: "manual" });
    await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  });
  return p50;
}
