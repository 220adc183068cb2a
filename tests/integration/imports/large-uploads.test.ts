import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { withOneFile } from "@/app/(portal)/import/upload/one-file";
import { maximumLargeBytes, maximumSmallBytes, mostWaitingRows } from "@/lib/domain/imports/import-kinds";
import { discardImport } from "@/lib/operations/imports/discard-import";
import { stageRows } from "@/lib/operations/imports/stage-import";
import { importPath, limitBody } from "@/lib/server/http/body-limit";
import { azureUser, makeImports } from "../../support/imports";
import { zipOf } from "../../support/zip";

let at: Awaited<ReturnType<typeof makeImports>>;
let server: Server;
beforeAll(async () => {
  at = await makeImports();
  server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await at.test.drop();
});

/** The result for each file, by name, and the sender. */
const found = new Map<string, string>();
const senders = new Map<string, IncomingMessage>();

/** Handles an upload as the front door and the route do, using the same parts. */
async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const watch = limitBody(incoming, response, importPath);
  if (watch === null) return;
  const url = new URL(incoming.url ?? "", "http://postern");
  const init = { method: "POST", headers: new Headers(), body: incoming, duplex: "half" };
  const announced = incoming.headers["content-length"];
  if (announced !== undefined) init.headers.set("content-length", announced);
  // As Next.js makes one from a request of Node's.
  const asked = new Request(url, init as unknown as RequestInit);
  watch();
  const fileName = url.searchParams.get("name") ?? "";
  senders.set(fileName, incoming);
  const message = await withOneFile(asked, { kind: "Users", name: fileName, group: null }, async (read) => {
    if (!read.ok) return read.message;
    const choices = { kind: "Users" as const, fileName, capToMaximum: false, removeMembers: false };
    const staged = await stageRows(at.database, at.owner, choices, read.file);
    return staged.ok ? "staged" : JSON.stringify(staged.error);
  });
  found.set(fileName, message);
  response.end(message);
}

function begin(name: string, headers: Record<string, string | number> = {}) {
  const { port } = server.address() as AddressInfo;
  const path = `${importPath}?kind=Users&name=${name}`;
  const sent = request({ host: "127.0.0.1", port, path, method: "POST", headers });
  const answered = new Promise<string>((resolve) => {
    sent.on("error", () => resolve("no answer"));
    sent.on("response", async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(Buffer.concat(chunks).toString());
    });
  });
  return { sent, answered };
}

const send = (name: string, body: string | Buffer) => {
  const { sent, answered } = begin(name, { "content-length": Buffer.byteLength(body) });
  sent.end(body);
  return answered;
};

/** A list that is larger than one read, whose entries are a good kilobyte each, as Azure's are. */
const entry = (index: number) => azureUser(index, { about: "x".repeat(1_000) });
const list = (count = 5_500) =>
  JSON.stringify(
    Array.from({ length: count }, (_, index) => entry(index)),
    null,
    1,
  );
const imports = () => at.database.client.import.count();

it("a large file is one import, packed or not, and one that was cut off leaves nothing and makes room for it", async () => {
  const text = list();
  expect(text.length).toBeGreaterThan(maximumSmallBytes);
  const cut = begin("cut.json", { "content-length": text.length });
  const most = text.length - 1_000;
  cut.sent.write(text.slice(0, most));
  // Once all of it has arrived, more is read than of a small file, and the slot of the only large one is taken.
  const arrived = () => senders.get("cut.json")?.socket.bytesRead ?? 0;
  await expect.poll(arrived, { timeout: 20_000 }).toBeGreaterThan(most);
  // The second one is read completely, so that its sender reads the answer.
  expect(await send("second.json", text)).toContain("Try again in a minute");
  cut.sent.destroy();
  await expect.poll(() => found.get("cut.json"), { timeout: 20_000 }).toContain("upload was incomplete");
  expect(await imports()).toBe(0);

  expect(await send("packed.zip", await zipOf({ "users.json": text }))).toBe("staged");
  expect(await send("users.json", text)).toBe("staged");
  const made = await at.database.client.import.findMany({ include: { _count: { select: { rows: true } } } });
  expect(made.map(({ _count }) => _count.rows)).toEqual([5_500, 5_500]);
});

it("a large file that cannot be read is refused with the reason, and nothing of it is stored", async () => {
  const before = await imports();
  const text = list();
  expect(await send("half.json", text.slice(0, -3))).toContain("it is incomplete");
  expect(await send("more.json", `${text}\n{}`)).toMatch(/Line \d+: the list ends before the file does/);
  expect(await send("other.csv", "id,other\n".padEnd(7_000_000, "x,y\n"))).toContain("“other” is none");
  expect(await send("line.csv", "id,displayName,email\n".padEnd(20_000_000, "x"))).toContain("too long");
  expect(await send("string.json", `["${"x".repeat(20_000_000)}`)).toContain("too long");
  expect(await send("two.zip", await zipOf({ "a.json": text, "b.json": text }))).toContain("several files");
  expect(await send("bomb.zip", await zipOf({ "a.json": Buffer.alloc(90_000_000, "[") }))).toContain(
    "grows more than",
  );
  expect(await imports()).toBe(before);
});

it("a bad last row of a large file is one bad row, with its number and line", async () => {
  const text = list().replace('"displayName": "Person 5499"', '"displayName": 5');
  expect(await send("last.json", text)).toBe("staged");
  const [last] = await at.database.client.importRow.findMany({
    where: { import: { fileName: "last.json" }, outcome: "Bad" },
  });
  expect(last).toMatchObject({
    ...{ number: 5_500, line: 5_499 * 6 + 2 },
    reason: "displayName is not a text.",
  });
});

it("what is longer than allowed is refused with the limit, announced or not", async () => {
  const sentence = `Choose a file of at most ${maximumLargeBytes / 1024 / 1024} MiB.`;
  const announced = begin("announced.json", { "content-length": maximumLargeBytes + 1 });
  announced.sent.end("[");
  const piece = Buffer.alloc(1024 * 1024, " ");
  const { sent, answered } = begin("unannounced.json", { "transfer-encoding": "chunked" });
  for (let mebibyte = 0; mebibyte <= 100; mebibyte += 1)
    if (!sent.write(piece)) await Promise.race([once(sent, "drain"), answered]);
  sent.end();
  expect(await answered).toContain(sentence);
  announced.sent.destroy();
});

it("nobody keeps more rows in imports that wait than are allowed, and whoever discards some may go on", async () => {
  const small = JSON.stringify([azureUser(1)]);
  expect(await send("small.json", small)).toBe("staged");
  const { id } = await at.database.client.import.findFirstOrThrow({ where: { fileName: "small.json" } });
  await at.test.asOwner(
    `INSERT INTO import_rows (import_id, number, line, position, title, outcome, state)
     SELECT $1, n, n, n, '', 'Bad', 'Failed' FROM generate_series(2, ${mostWaitingRows}) n`,
    [id],
  );
  expect(await send("another.json", small)).toContain("Apply or discard some of them first");
  expect(await discardImport(at.database, at.owner, id)).toMatchObject({ ok: true });
  expect(await send("another.json", small)).toBe("staged");
});

it.each([
  ["a file", "one", "20000 rows of 100 MiB"],
  ["a body of several files", "several", "10000 rows of 100 MiB"],
])("%s of the largest size is read in far less memory than it has", async (_what, how, expected) => {
  const reader = spawn(
    process.execPath,
    ["--max-old-space-size=72", "--import", "tsx", "tests/support/processes/read-large-file.ts", how],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const said: Buffer[] = [];
  for await (const chunk of reader.stdout) said.push(chunk);
  expect(Buffer.concat(said).toString().trim()).toBe(expected);
});
