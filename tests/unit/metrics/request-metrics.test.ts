import { afterEach, beforeEach, expect, it } from "vitest";
import { routesOf } from "@/lib/server/http/request-place";
import { openMeter } from "@/lib/server/metrics/process-meter";
import { closeDoors, openDoor } from "../../support/peers/front-door";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const routeOf = routesOf(["/", "/my-roles", "/resources/[resourceId]"]);
let read: ReturnType<typeof openMeter>;
beforeEach(() => {
  read = openMeter("server", () => []);
});
afterEach(() => {
  closeDoors();
  delete (globalThis as { posternMeter?: unknown }).posternMeter;
});

const valuesOf = async (name: string) =>
  (await read()).find((metric) => metric.name === name)?.values.map(({ value, labels }) => [value, labels]);

it("counts requests by the pattern of their address: no id and nothing that somebody typed is in a label", async () => {
  const { port, ask } = await openDoor({ routeOf });
  const headers = { Host: `localhost:${port}` };
  await ask(`GET /resources/${id}?q=ada@contoso.example`, headers);
  await ask("GET /resources/hunter2", headers);
  await ask("GET /hunter2/ada@contoso.example", headers);
  await ask("HUNTER2 /my-roles", headers).catch(() => {});
  await ask("PROPFIND /my-roles", headers);
  await expect
    .poll(() => valuesOf("postern_http_requests_total"))
    .toEqual([
      [2, { method: "GET", route: "/resources/[resourceId]", status: "2xx" }],
      [1, { method: "GET", route: "unknown", status: "2xx" }],
      [1, { method: "other", route: "/my-roles", status: "4xx" }],
    ]);
  expect(await valuesOf("postern_http_requests_in_flight")).toEqual([[0, { process: "server" }]]);
  expect(JSON.stringify(await read())).not.toMatch(/hunter2|contoso|01890a5d/i);
});

it("counts what the front door turned away, by why", async () => {
  const { port, ask } = await openDoor({ routeOf });
  const Host = `localhost:${port}`;
  await ask("GET /", { Host: "evil.example" });
  await ask("POST /", { Host, Origin: "https://evil.example", "Content-Length": "0" });
  await ask("GET /%00", { Host });
  const { ask: early } = await openDoor({ starting: true });
  await early("GET /", { Host });
  expect(await valuesOf("postern_http_refusals_total")).toEqual([
    [1, { reason: "wrong host" }],
    [1, { reason: "other site" }],
    [1, { reason: "malformed" }],
    [1, { reason: "unavailable" }],
  ]);
});
