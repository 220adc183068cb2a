import { randomBytes, randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { runOperation } from "@/lib/operations/gate/refusal";
import { prepareQueues, startWorker } from "@/lib/platform/jobs";
import { holdLog } from "@/lib/platform/log";
import { logContext } from "@/lib/platform/log-context";
import { openMailer } from "@/lib/platform/mail";
import { tracing } from "@/lib/platform/tracing";
import { readOnce } from "@/lib/platform/transaction";
import { frontDoor } from "@/lib/server/http/front-door";
import { routesOf } from "@/lib/server/http/request-place";
import { openTracing } from "@/lib/server/tracing/open-tracing";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { startMailServer } from "../../support/peers/mail-server";
import { startTraceReceiver } from "../../support/peers/trace-receiver";

type Receiver = Awaited<ReturnType<typeof startTraceReceiver>>;

let test: TestDatabase;
let receiver: Receiver;
let stopTracing: () => Promise<void> = async () => {};
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  receiver = await startTraceReceiver();
});
afterEach(async () => {
  await stopTracing();
  for (const close of closing.splice(0)) await close();
  await receiver.close();
  vi.unstubAllEnvs();
});

async function trace(settings: Readonly<Record<string, string>> = {}): Promise<void> {
  const all = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    ...settings,
  };
  // The packages of OpenTelemetry read the environment themselves.
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  stopTracing = await openTracing(process.env, "server");
}

/** Serves a page with the given work, as Postern does up to where Next.js takes over. */
async function serving(work: () => Promise<void>, believesTraces = false): Promise<string> {
  const door = frontDoor({
    publicUrl: "http://localhost",
    local: true,
    trustedProxies: believesTraces ? 1 : 0,
    believesTraces,
    pass: "pass-of-this-test",
    development: false,
    health: { answers: async () => true, answer: async () => {}, readiness: async () => "ready" },
    routeOf: routesOf(["/requests/[requestId]", "/livez"]),
  });
  door.open(async (_, response) => {
    await work().catch(() => {
      response.statusCode = 500;
    });
    response.end();
  }, null);
  const server: Server = createServer(door.answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const page = "/requests/8b2d6a52-0d0c-4a8e-9f43-1d3c0c7a8a01?code=424242&email=ada@typed.example";

it("a request is one trace, from its address to mail, under the correlation of its log, and holds nothing typed", async () => {
  await trace({ OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=rehearsal" });
  const mail = await startMailServer();
  closing.push(() => mail.close());
  let correlationId: string | undefined;
  const base = await serving(async () => {
    correlationId = logContext()?.correlationId;
    let tries = 0;
    await runOperation(test.database, { kind: "SignIn" }, async (transaction) => {
      tries += 1;
      if (tries === 1) throw Object.assign(new Error("typed-in-error"), { code: "40P01" });
      await transaction.$queryRaw`SELECT ${"typed-parameter"} AS typed`;
      return {};
    });
    await runOperation(
      test.database,
      { kind: "RoleDeactivated", justification: "typed\u200breason" },
      async () => ({}),
    );
    const mailer = openMailer({
      smtpUrl: mail.url.replace("//", "//typed-user:typed-password@"),
      from: "p@postern.example",
    });
    await mailer.send({
      to: "ada@typed.example",
      id: "1",
      subject: "typed-subject",
      text: "typed-text",
      html: "",
    });
    mailer.close();
    await readOnce(
      test.database,
      (client) => client.$queryRaw`
      WITH named AS (SELECT id FROM principals WHERE display_name = ${"typed-read"})
      SELECT r.id FROM requests r JOIN named n ON n.id = r.principal_id`,
    );
    await runOperation(test.database, { kind: "SignOut" }, async (transaction) => {
      await transaction.$queryRaw`SELECT ${"typed-value"}::uuid`;
      return {};
    });
  });
  const cookie = "next-auth.session-token=typed-cookie";
  const sent = {
    cookie,
    traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    baggage: "who=typed-baggage",
  };
  const response = await fetch(`${base}${page}`, { headers: sent });
  expect(response.status).toBe(500);
  await fetch(`${base}/livez`);
  await stopTracing();

  const spans = receiver.spans();
  const request = spans.find(({ name }) => name === "GET /requests/[requestId]");
  expect(request).toMatchObject({
    traceId: correlationId?.replaceAll("-", ""),
    kind: 2,
    status: { code: 2 },
    fields: {
      "http.request.method": "GET",
      "http.route": "/requests/[requestId]",
      "http.response.status_code": 500,
      "postern.request_id": response.headers.get("x-request-id"),
    },
    resource: {
      "service.name": "postern",
      "postern.process": "server",
      "deployment.environment": "rehearsal",
    },
  });
  // In the order in which they ended. A probe leaves none.
  const reported = spans.map(({ name, status, fields, events }) => [name, status.code, fields, events]);
  const postgresql = { "db.system.name": "postgresql" };
  expect(reported.slice(0, -1)).toEqual([
    ["transaction", 0, postgresql, [["begun again", { "postern.reason": "40P01" }]]],
    ["operation SignIn", 0, { "postern.outcome": "done" }, []],
    ["transaction", 0, postgresql, []],
    ["operation RoleDeactivated", 0, { "postern.outcome": "InvalidInput" }, []],
    ["mail", 0, { "postern.outcome": expect.any(String) }, []],
    [
      "read",
      0,
      {
        ...postgresql,
        "db.query.summary": "SELECT principals requests",
        "db.response.returned_rows": 0,
      },
      [],
    ],
    ["transaction", 2, { ...postgresql, "error.type": "22P02" }, []],
    ["operation SignOut", 2, { "error.type": "22P02" }, []],
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([request?.traceId]));
  const operation = spans.find(({ name }) => name === "operation SignIn");
  expect(operation?.parentSpanId).toBe(request?.spanId);
  expect(spans[0]?.parentSpanId).toBe(operation?.spanId);
  expect(receiver.text()).not.toMatch(/typed|424242|8b2d6a52|aaaaaaaa/);
});

it("a trace of a trusted proxy is continued only where that is set, and nothing else of it is taken", async () => {
  await trace();
  const seen: (string | undefined)[] = [];
  const work = async () => {
    seen.push(logContext()?.traceId, logContext()?.correlationId);
  };
  const parent = "c".repeat(32);
  const headers = {
    traceparent: `00-${parent}-${"d".repeat(16)}-01`,
    tracestate: "typed=state",
    "x-forwarded-for": "203.0.113.9",
  };
  await fetch(`${await serving(work, true)}${page}`, { headers });
  expect(seen[0]).toBe(parent);
  expect(seen[1]?.replaceAll("-", "")).not.toBe(parent);
  await fetch(`${await serving(work, true)}${page}`, { headers: { traceparent: "00-nonsense" } });
  expect(seen[2]).toBe(seen[3]?.replaceAll("-", ""));
  await stopTracing();
  expect(receiver.spans()).toMatchObject([
    { traceId: parent, parentSpanId: "d".repeat(16) },
    { traceId: seen[2] },
  ]);
  expect(receiver.text()).not.toMatch(/typed|203\.0/);
});

it("what Postern asks itself belongs to the request that caused it", async () => {
  await trace();
  const base = await serving(async () => {});
  const traceparent = `00-${"e".repeat(32)}-${"f".repeat(16)}-01`;
  const own = { traceparent, "x-postern-pass": "pass-of-this-test", "x-forwarded-host": new URL(base).host };
  await fetch(`${base}${page}`, { headers: { ...own, "x-forwarded-proto": "http" } });
  await fetch(`${base}${page}`, { headers: { ...own, "x-postern-pass": "guessed" } });
  await stopTracing();
  const [first, second] = receiver.spans();
  expect(first).toMatchObject({ traceId: "e".repeat(32), parentSpanId: "f".repeat(16), kind: 1 });
  expect(second?.traceId).not.toBe("e".repeat(32));
});

it("a run of a job is a trace, by protobuf unless set otherwise, and what it threw is there by its code", async () => {
  await trace({ OTEL_EXPORTER_OTLP_PROTOCOL: "" });
  const jobs = [
    {
      name: "record-expiries",
      title: "Expiries",
      everyMinutes: 1 as const,
      run: () => readOnce(test.database, (client) => client.$queryRaw<never>`SELECT ${"typed-value"}::uuid`),
    },
  ];
  await prepareQueues(test.url, jobs);
  const reported: string[] = [];
  const worker = await startWorker({
    url: test.url,
    database: test.database,
    jobs,
    tell: (line) => reported.push(line),
  });
  closing.push(() => worker.stop());
  await vi.waitFor(() => expect(reported).not.toEqual([]), { timeout: 20_000 });
  await stopTracing();
  const [{ path, type } = { path: "", type: "" }] = receiver.received;
  expect([path, type]).toEqual(["/v1/traces", "application/x-protobuf"]);
  expect(receiver.text()).toContain("job record-expiries");
  expect(receiver.text()).toContain("22P02");
  expect(receiver.text()).not.toContain("typed");
});

it("an endpoint that takes nothing slows nothing down, fills no memory, and is reported once", async () => {
  await receiver.close();
  receiver = await startTraceReceiver({ answers: false });
  const lines: string[] = [];
  const line = (message: string) => void lines.push(message);
  holdLog({ debug: () => {}, info: line, warn: line, error: line });
  await trace({
    OTEL_BSP_SCHEDULE_DELAY: "1",
    OTEL_BSP_EXPORT_TIMEOUT: "100",
    OTEL_EXPORTER_OTLP_TIMEOUT: "50",
    OTEL_BSP_MAX_QUEUE_SIZE: "512",
  });
  const many = async (count: number) => {
    for (let each = 0; each < count; each += 1) {
      const span = tracing()?.begin("GET /", "server", { correlationId: randomUUID() });
      span?.end({ padding: randomBytes(4_000).toString("hex") });
      if (each % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await many(1_000);
  const before = process.memoryUsage().heapUsed;
  // All of them would hold 80 MB.
  await many(10_000);
  expect((process.memoryUsage().heapUsed - before) / 2 ** 20).toBeLessThan(50);
  await vi.waitFor(() => expect(lines).toHaveLength(1), { timeout: 10_000 });
  const stopping = performance.now();
  await stopTracing();
  expect(performance.now() - stopping).toBeLessThan(5_000);
  expect(lines).toEqual([expect.stringContaining(`Traces are not taken at ${receiver.url}/`)]);
});
