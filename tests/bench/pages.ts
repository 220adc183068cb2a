import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Database } from "@/lib/platform/database";
import { milliseconds, type Row, ratio, type Timings, timeRuns } from "./figures";
import { contributorId, productionScope } from "./members";
import type { Server } from "./server";

/** Every page worth timing, with the demo's Contoso Production where a page is of a resource. */
export async function benchPages(server: Server, database: Database, cookie: string): Promise<Row[]> {
  const { id } = await database.client.resource.findFirstOrThrow({ where: { scope: productionScope } });
  const event = await database.client.auditEvent.findFirstOrThrow({ orderBy: { sequence: "desc" } });
  const paths = [
    ...["/", "/my-roles", "/my-requests", "/resources", `/resources/${id}`, `/resources/${id}/roles`],
    ...[`/resources/${id}/roles/${contributorId}`, `/resources/${id}/roles/${contributorId}/settings`],
    ...[`/resources/${id}/roles/${contributorId}/settings/edit`, `/resources/${id}/settings`],
    ...[`/resources/${id}/assignments`, `/resources/${id}/audit`, "/audit", `/audit/${event.id}`],
    ...["/my-audit", "/account/security"],
  ];
  const floor = await timePath(server, "/robots.txt", "");
  const rows: Row[] = [];
  for (const path of paths) {
    const timings = await timePath(server, path, cookie);
    const { gzip, brotli } = await firstLoadScripts(server, path, cookie);
    rows.push({
      what: path.replace(id, "{id}").replace(contributorId, "{roleId}").replace(event.id, "{eventId}"),
      measured: `p50 ${milliseconds(timings.p50)}, p95 ${milliseconds(timings.p95)}; ${gzip} kB scripts (${brotli} kB brotli)`,
      floor: ratio(timings.p50, floor.p50),
      aim: "p50 under 60 ms, 180 kB",
    });
  }
  return [
    {
      what: "/robots.txt",
      measured: `p50 ${milliseconds(floor.p50)}`,
      floor: "the floor: a bare route handler",
    },
    ...rows,
  ];
}

/** The time from asking to the last byte, one request after the other. */
function timePath(server: Server, path: string, cookie: string): Promise<Timings> {
  const work = async () => {
    const response = await fetch(server.url + path, { headers: { cookie }, redirect: "manual" });
    const body = await response.text();
    if (response.status !== 200)
      throw new Error(`${path} answered ${response.status}: ${body.slice(0, 200)}`);
  };
  return timeRuns(25, work, 15);
}

/** What the first load of a page brings of JavaScript, compressed, in kB. */
async function firstLoadScripts(server: Server, path: string, cookie: string) {
  const page = await (await fetch(server.url + path, { headers: { cookie } })).text();
  const scripts = new Set(
    [...page.matchAll(/<script[^>]+src="([^"]+\.js)"(?![^>]*nomodule)/gi)].map((found) => found[1] ?? ""),
  );
  let [gzip, brotli] = [0, 0];
  for (const script of scripts) {
    const text = Buffer.from(await (await fetch(server.url + script)).arrayBuffer());
    gzip += gzipSync(text).length;
    brotli += brotliCompressSync(text).length;
  }
  return { gzip: Math.round(gzip / 1000), brotli: Math.round(brotli / 1000) };
}
