import { execFile } from "node:child_process";
import { Agent, createServer, get, type IncomingMessage, type Server } from "node:http";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from "node:net";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { promisify } from "node:util";
import type pg from "pg";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { askDatabase } from "@/lib/server/database/question";
import { openHealth } from "@/lib/server/http/health";
import { root } from "@/scripts/parts/root.mjs";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { ownLocks } from "../../support/database/held-lock";

let test: TestDatabase;
let wire: Wire;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  test = await createTestDatabase();
  wire = await openWire(test.url);
});
afterEach(async () => {
  wire.go();
  for (const close of closing.splice(0)) await close();
  await wire.close();
  await test.drop();
});

/** A proxy to the database that can be held, and that counts each query. */
interface Wire {
  readonly url: string;
  connections(): number;
  /** The messages that went to the database. */
  questions(): number;
  /** From now on no answer comes back. */
  hold(): void;
  go(): void;
  close(): Promise<void>;
}

async function openWire(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let [connections, questions] = [0, 0];
  let held: (() => void)[] | null = null;
  const server: TcpServer = createTcpServer((near) => {
    connections += 1;
    const far = connect(Number(port), hostname);
    for (const each of [near, far]) {
      sockets.add(each);
      each
        .on("error", () => {})
        .once("close", () => {
          near.destroy();
          far.destroy();
        });
    }
    near.on("data", (part) => {
      questions += 1;
      far.write(part);
    });
    far.on("data", (part) => {
      if (held === null) near.write(part);
      else held.push(() => near.write(part));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    connections: () => connections,
    questions: () => questions,
    hold: () => {
      held ??= [];
    },
    go: () => {
      for (const pass of held?.splice(0) ?? []) pass();
      held = null;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function open(url: string, patienceMilliseconds = 1_000) {
  const health = openHealth({ url, keys: [], patienceMilliseconds });
  closing.push(() => health.close());
  return health;
}

/** As many simultaneous connections as a listener accepts at once. */
const agent = new Agent({ keepAlive: true, maxSockets: 250 });
afterAll(() => agent.destroy());

/** The health check behind a server, as a monitor calls it. */
async function serve(health: ReturnType<typeof openHealth>) {
  const server: Server = createServer((request, response) => health.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.unshift(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return async (headers: Record<string, string> = {}) => {
    const options = { host: "127.0.0.1", port, path: "/healthz", headers, agent };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(options, resolve).once("error", reject);
    });
    return { code: response.statusCode, body: JSON.parse(await textOf(response)) };
  };
}

/** Blocks this process from listening, as a lot of work at once does. */
function beBusy(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

it("fifteen hundred health checks at once ask the database once, and pages are answered beside them", async () => {
  const health = open(wire.url);
  const ask = await serve(health);
  await Promise.all([ask(), health.answers()]);
  const before = wire.questions();
  const answers = await Promise.all([
    ...Array.from({ length: 1_500 }, () => ask()),
    ...Array.from({ length: 50 }, () => health.answers()),
  ]);
  for (const answer of answers.slice(0, 1_500)) expect(answer).toMatchObject({ code: 200 });
  expect(answers.slice(1_500).every((answer) => answer === true)).toBe(true);
  // Once a second at most, however many ask.
  expect(wire.questions() - before).toBeLessThan(60);
  expect(wire.connections()).toBe(3);
});

it("says what it asked, of whom, and how long that took, and whom only to who is near", async () => {
  const ask = await serve(open(wire.url));
  const { host, pathname } = new URL(wire.url);
  expect(await ask()).toMatchObject({
    code: 200,
    body: {
      status: "degraded",
      database: {
        asked: "SELECT 1",
        of: `${host}${pathname}`,
        state: "answers",
        milliseconds: expect.any(Number),
      },
      process: { slowestMilliseconds: expect.any(Number) },
      worker: { state: "absent" },
    },
  });
  const distant = await ask({ "x-forwarded-for": "203.0.113.9" });
  expect(distant.body.database).not.toHaveProperty("of");
  expect(JSON.stringify(distant.body)).not.toContain(host);
});

it("a process that is too busy to listen does not count the database as silent", async () => {
  const health = open(wire.url, 500);
  const ask = await serve(health);
  // The process is measured only from its second look at the clock.
  while ((await ask()).body.process.slowestMilliseconds === 0);
  const asked = ask();
  // At once, so that the request is not received before.
  beBusy(1_500);
  const { code, body } = await asked;
  expect(code).toBe(200);
  expect(body.database.state).toBe("answers");
  expect(body.process.slowestMilliseconds).toBeGreaterThan(1_000);

  const question = askDatabase({
    url: wire.url,
    work: (client: pg.Client) => client.query("SELECT 1"),
    freshMilliseconds: 0,
    patienceMilliseconds: 500,
  });
  closing.push(() => question.close());
  const under = question.ask();
  beBusy(1_500);
  expect(await under).toMatchObject({ state: "answers", ownMilliseconds: expect.any(Number) });
});

it("a database that does not answer in time is silent, and answers again by a new connection", async () => {
  const health = open(wire.url, 300);
  const ask = await serve(health);
  expect((await ask()).code).toBe(200);
  wire.hold();
  await expect
    .poll(async () => (await ask()).body, { timeout: 5_000 })
    .toMatchObject({ status: "database unavailable", database: { state: "silent" } });
  expect((await ask()).code).toBe(503);
  await expect.poll(() => health.answers(), { timeout: 5_000 }).toBe(false);
  // The old connection never comes back; a new one does.
  wire.go();
  await expect.poll(async () => (await ask()).code, { timeout: 5_000 }).toBe(200);
  await expect.poll(() => health.answers(), { timeout: 5_000 }).toBe(true);
});

it("a database that refuses is reported with its reason", async () => {
  const url = new URL(test.url);
  url.port = "1";
  const ask = await serve(open(url.href));
  expect(await ask()).toMatchObject({
    code: 503,
    body: {
      status: "database unavailable",
      database: { state: "fails", reason: expect.stringContaining("ECONNREFUSED") },
    },
  });
});

it("work of the worker's that cannot be read in time is no fault of the database's", async () => {
  const ask = await serve(open(wire.url, 500));
  const locked = test.asOwner(
    "BEGIN; LOCK worker_instances IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT",
  );
  await expect
    .poll(
      async () =>
        (
          await test.asOwner(
            `SELECT FROM ${ownLocks} WHERE mode = 'AccessExclusiveLock' AND relation = 'worker_instances'::regclass`,
          )
        ).rowCount,
    )
    .toBe(1);
  expect(await ask()).toMatchObject({
    code: 200,
    body: { status: "degraded", database: { state: "answers" }, worker: null },
  });
  await locked;
});

it("the health check of a container asks whether Postern is alive, or with --ready whether it can serve", async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/livez" ? 200 : 503;
    response.end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const check = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [join(root, "scripts/health.mjs"), ...args], {
      env: { ...process.env, PORT: String(port) },
    }).then(
      () => "healthy",
      (error) => error.stderr.trim(),
    );
  expect(await Promise.all([check(), check("--ready")])).toEqual(["healthy", "/readyz answers 503."]);
  await new Promise((resolve) => server.close(resolve));
  expect(await check()).toMatch(/^\/livez does not answer/);
});
