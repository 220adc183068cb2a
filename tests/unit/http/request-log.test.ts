import { afterEach, beforeEach, expect, it } from "vitest";
import { placesOf } from "@/lib/server/http/request-place";
import { openLog } from "@/lib/server/open-log";
import { closeDoors, openDoor } from "../../support/peers/front-door";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const placeOf = placesOf([
  "/",
  "/my-roles",
  "/resources/[resourceId]",
  "/resources/[resourceId]/roles/[roleId]",
]);
const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  lines.length = 0;
  const write = (text: string) => lines.push(JSON.parse(text)) > 0;
  openLog({ process: "server", level: "debug", output: { write } as never });
});
afterEach(() => {
  closeDoors();
  delete (globalThis as { posternLog?: unknown }).posternLog;
});

const requests = () => lines.filter(({ msg }) => msg === "request");
const idOf = (answer: string) => /^x-request-id: (\S+)/im.exec(answer)?.[1];
const written = () => expect.poll(requests);
const shape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

it("leaves one line of a request, with its id, and without what was asked of the place", async () => {
  const { port, ask, seen } = await openDoor({ placeOf });
  const answer = await ask("GET /my-roles?token=s3cret&q=ada@contoso.example", { Host: `localhost:${port}` });
  await written().toEqual([
    {
      level: "info",
      time: expect.any(String),
      process: "server",
      requestId: idOf(answer),
      method: "GET",
      path: "/my-roles",
      status: 200,
      ms: expect.any(Number),
      msg: "request",
    },
  ]);
  expect(idOf(answer)).toMatch(shape);
  expect(seen[0]?.headers["x-request-id"]).toBe(idOf(answer));
});

it("names places of the product only, and of what is in them ids only", () => {
  for (const [path, place] of [
    ["/", "/"],
    [`/resources/${id}/roles/ada@contoso.example`, `/resources/${id}/roles/[roleId]`],
    ["/resources/hunter2", "/resources/[resourceId]"],
    ["/hunter2", "unknown"],
    ["/my-roles/", "unknown"],
    ["/_next/static/chunks/hunter2.js", "/_next/static"],
    ["", "unknown"],
  ] as const)
    expect(placeOf(path), path).toBe(place);
});

it("writes down what is refused too, files at a lower level, and how an answer was cut short", async () => {
  const { ask, get } = await openDoor({ placeOf });
  await get({ Host: "evil.example" }, "/my-roles");
  await get({ Host: "localhost" }, "/_next/static/a.js");
  await ask("GET //x", { Host: "localhost" });
  await written().toMatchObject([
    { level: "info", path: "/my-roles", status: 421 },
    { level: "debug", path: "/_next/static", status: 200 },
    { level: "info", path: "unknown", status: 400 },
  ]);
});

it("takes an id from a trusted proxy only, and only one that is a UUID", async () => {
  const alone = await openDoor({ placeOf });
  const forged = await alone.ask("GET /", { Host: "localhost", "X-Request-Id": id });
  expect(idOf(forged)).toMatch(shape);
  expect(idOf(forged)).not.toBe(id);
  const behind = await openDoor({ placeOf, publicUrl: "http://postern.example", trustedProxies: 1 });
  const headers = { Host: "postern.example", "X-Forwarded-For": "203.0.113.7" };
  const given = await behind.ask("GET /", { ...headers, "X-Request-Id": id.toUpperCase() });
  expect(idOf(given)).toBe(id);
  expect(idOf(await behind.ask("GET /", { ...headers, "X-Request-Id": id.replaceAll("-", "") }))).toBe(id);
  // A client must not choose which events the audit log ties together.
  await written().toHaveLength(3);
  expect(requests()[1]).toMatchObject({ requestId: id, correlationId: expect.stringMatching(shape) });
  expect(requests()[1]?.correlationId).not.toBe(id);
  for (const made of ["", "x", `${id}, ${id}`, `${id}0`, '"}\\u000a{"level":"error', "../../etc/passwd"]) {
    const answer = await behind.ask("GET /", { ...headers, "X-Request-Id": made });
    expect(idOf(answer), made).toMatch(shape);
    expect(idOf(answer), made).not.toBe(id);
  }
});
