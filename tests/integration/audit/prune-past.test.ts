import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { prunePast } from "@/lib/operations/audit/prune-past";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeProof, makeUser } from "../../support/factories";

const start = new Date("2027-03-01T09:00:00Z");
const clock = { now: start };
let test: TestDatabase;
beforeEach(async () => {
  clock.now = start;
  test = await createTestDatabase({ clock: () => clock.now });
});
afterEach(() => test.drop());

const count = async (table: string, where = "true") =>
  Number((await test.asOwner(`SELECT count(*) FROM ${table} WHERE ${where}`)).rows[0].count);

describe("what grows", () => {
  const document = readFileSync("docs/decisions/what-grows.md", "utf8");
  const listed = [...document.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1] ?? "");

  it("is listed with its limit: every table, once", async () => {
    const { rows } = await test.asOwner("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    expect([...listed].sort()).toEqual(rows.map(({ tablename }) => tablename).sort());
  });

  it("is pruned where the list says so, and nowhere else", async () => {
    const { rows } = await test.asOwner("SELECT DISTINCT pruned FROM prune_past(0) ORDER BY 1");
    const promised = [...document.matchAll(/^\| `(\w+)`.*`prune-past` +\|$/gm)].map((match) => match[1]);
    expect(rows.map(({ pruned }) => pruned)).toEqual(promised.sort());
  });
});

it("removes what is kept no longer to the day, and nothing else", async () => {
  const { database } = test;
  const user = await makeUser(database);
  const ago = (days: number) => addDays(start, -days);
  const mail = async (key: string, sentAt: Date | null, deadAt: Date | null) =>
    database.client.mailMessage.create({
      data: {
        address: "a@contoso.example",
        subjectKey: key,
        category: "x",
        content: {},
        createdAt: ago(400),
        sentAt,
        deadAt,
      },
    });
  await mail("sent long ago", addMinutes(ago(30), -1), null);
  await mail("sent", addMinutes(ago(30), 1), null);
  await mail("given up long ago", null, addMinutes(ago(90), -1));
  await mail("given up", null, addMinutes(ago(90), 1));
  await mail("waits", null, null);
  const notice = async (key: string, createdAt: Date, readAt: Date | null) =>
    database.client.notification.create({
      data: {
        recipientId: user.id,
        subjectKey: key,
        category: "x",
        title: "t",
        body: "b",
        href: "/",
        createdAt,
        readAt,
      },
    });
  await notice("read long ago", ago(91), ago(91));
  await notice("unread", ago(91), null);
  await notice("read", ago(89), ago(89));
  await notice("never read", ago(366), null);
  for (const seenAt of [ago(8), ago(6)])
    await database.client.workerInstance.create({ data: { host: "h", startedAt: ago(300), seenAt } });
  await test.asOwner(
    "INSERT INTO expiry_reminders (access_id, ends_at, days_before) SELECT gen_random_uuid(), x, 1 FROM unnest($1::timestamptz[]) x",
    [[ago(31), ago(29)]],
  );
  await test.asOwner("INSERT INTO weekly_digests (week_start) VALUES ('2026-02-02'), ('2026-12-07')");
  for (const [index, expiresAt] of [ago(31), ago(29)].entries())
    await database.client.passwordTicket.create({
      data: { userId: user.id, purpose: "Invitation", tokenHash: Buffer.from([index]), expiresAt },
    });

  expect(await prunePast(database)).toBe(8);
  const keys = async (table: string) =>
    (await test.asOwner(`SELECT subject_key FROM ${table} ORDER BY 1`)).rows.map((row) => row.subject_key);
  expect(await keys("mail_messages")).toEqual(["given up", "sent", "waits"]);
  expect(await keys("notifications")).toEqual(["read", "unread"]);
  for (const table of ["worker_instances", "expiry_reminders", "weekly_digests", "password_tickets"])
    expect(await count(table), table).toBe(1);
  expect(await prunePast(database)).toBe(0);
});

it("keeps each person's last session, and those that a proof or a challenge refers to", async () => {
  const { database } = test;
  const user = await makeUser(database);
  const [, proved, last] = [
    await makeCaller(database, user),
    await makeCaller(database, user),
    await makeCaller(database, user),
  ];
  await makeProof(database, proved, { kind: "RemoveAuthenticator" });
  await test.asOwner("UPDATE sessions SET last_seen_at = last_seen_at + interval '1 minute' WHERE id = $1", [
    last.sessionId,
  ]);
  clock.now = addDays(start, 120);
  expect(await prunePast(database)).toBe(1);
  const { rows } = await test.asOwner("SELECT id FROM sessions");
  expect(rows.map(({ id }) => id).sort()).toEqual([proved.sessionId, last.sessionId].sort());
});

it("discards imports that nobody confirmed, with an event, and then their rows", async () => {
  const { database } = test;
  const user = await makeUser(database);
  const make = (status: "Staged" | "Applied", createdAt: Date) =>
    database.client.import.create({
      data: {
        ...{ kind: "Users", fileName: "f.csv", digest: "d", createdById: user.id, status, createdAt },
        finishedAt: status === "Applied" ? createdAt : null,
        rows: { create: { number: 1, line: 1, position: 1, title: "t", outcome: "Add", state: "Pending" } },
      },
    });
  const old = await make("Staged", addDays(start, -31));
  const young = await make("Staged", addDays(start, -29));
  const applied = await make("Applied", addDays(start, -364));
  await prunePast(database);
  const { rows } = await test.asOwner("SELECT id, status FROM imports");
  expect(Object.fromEntries(rows.map((row) => [row.id, row.status]))).toEqual({
    [old.id]: "Discarded",
    [young.id]: "Staged",
    [applied.id]: "Applied",
  });
  expect(
    await count("audit_events", `kind = 'ImportDiscarded' AND details ->> 'importId' = '${old.id}'`),
  ).toBe(1);
  expect(await count("import_rows")).toBe(3);
  clock.now = addDays(start, 31);
  await prunePast(database);
  expect(await count("import_rows", `import_id = '${young.id}'`)).toBe(1);
  expect(await count("import_rows")).toBe(1);
});
