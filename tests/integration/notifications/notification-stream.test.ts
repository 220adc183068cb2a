import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { notificationStream } from "@/app/(portal)/notifications/stream/notification-stream";
import {
  createSession,
  findCaller,
  rotateSession,
  type SessionToken,
} from "@/lib/identity/sessions/sessions";
import { markNotificationsRead } from "@/lib/operations/notifications/mark-notifications-read";
import type { Caller } from "@/lib/platform/caller";
import { listenForNotifications, type NotificationListener } from "@/lib/platform/notification-listener";
import { inTransaction } from "@/lib/platform/transaction";
import { newestNotifications } from "@/lib/queries/notifications/notifications";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeUser } from "../../support/factories";

let test: TestDatabase;
let notifications: NotificationListener;
let caller: Caller;
const openStreams = new Set<() => void>();

beforeEach(async () => {
  test = await createTestDatabase();
  notifications = listenForNotifications(test.url);
  caller = await makeCaller(test.database, await makeUser(test.database));
});
afterEach(async () => {
  for (const end of openStreams) end();
  await notifications.close();
  await test.drop();
});

/** A stream as a browser reads it: the text so far, and whether it has ended. */
function listen(heartbeatMilliseconds: number, listener = notifications, token?: SessionToken) {
  const signal = new AbortController();
  const read = { text: "", ended: false, abort: () => signal.abort(), ends: 0 };
  const stream = notificationStream({
    ...{ database: test.database, notifications: listener, openStreams, caller, heartbeatMilliseconds },
    token,
    signal: signal.signal,
    onEnd: () => {
      read.ends += 1;
    },
  });
  const drain = async () => {
    const decoder = new TextDecoder();
    for await (const part of stream) read.text += decoder.decode(part);
    read.ended = true;
  };
  drain().catch(() => {});
  return read;
}

function notify(title: string, recipientId = caller.userId) {
  const rest = { category: "access", body: "", href: "/my-roles" };
  return test.database.client.notification.create({
    data: { recipientId, subjectKey: title, title, ...rest },
  });
}

const longest = { timeout: 10_000 };

it("sends at once how things stand, and then each change, to every process that listens", async () => {
  await notify("First");
  const elsewhere = listenForNotifications(test.url);
  const [here, there] = [listen(600_000), listen(600_000, elsewhere)];
  for (const read of [here, there])
    await vi.waitFor(() => expect(read.text).toContain('"unread":1,"newest":{"id"'), longest);
  await notify("Second");
  for (const read of [here, there])
    await vi.waitFor(() => expect(read.text).toContain('"title":"Second"'), longest);
  await test.database.client.notification.updateMany({ data: { readAt: new Date() } });
  for (const read of [here, there])
    await vi.waitFor(() => expect(read.text).toContain('"unread":0,"newest":null'), longest);
  await elsewhere.close();
});

it("says nothing of what is somebody else's", async () => {
  const read = listen(600_000);
  await vi.waitFor(() => expect(read.text).toContain('"unread":0'), longest);
  const other = await makeUser(test.database, "Eve Reader");
  await notify("Not for Ada", other.id);
  await notify("For Ada");
  await vi.waitFor(() => expect(read.text).toContain("For Ada"), longest);
  expect(read.text).not.toContain("Not for Ada");
});

it("ends when the session has ended, at the next heartbeat", async () => {
  const read = listen(50);
  await vi.waitFor(() => expect(read.text).toContain("still here"), longest);
  await test.database.client.session.update({
    where: { id: caller.sessionId },
    data: { endedAt: new Date() },
  });
  await vi.waitFor(() => expect(read.ended).toBe(true), longest);
  expect(openStreams.size).toBe(0);
  expect(read.ends).toBe(1);
});

it("ends when the account is disabled, before anything more is sent", async () => {
  const read = listen(600_000);
  await vi.waitFor(() => expect(read.text).toContain('"unread":0'), longest);
  await test.database.client.principal.update({
    where: { id: caller.userId },
    data: { disabledAt: new Date() },
  });
  await notify("Secret");
  await vi.waitFor(() => expect(read.ended).toBe(true), longest);
  expect(read.text).not.toContain("Secret");
});

it("ends when the page goes away, and when the server stops", async () => {
  const [gone, kept] = [listen(600_000), listen(600_000)];
  await vi.waitFor(() => expect(gone.text + kept.text).toMatch(/unread.*unread/s), longest);
  gone.abort();
  await vi.waitFor(() => expect(gone.ended).toBe(true), longest);
  expect(kept.ended).toBe(false);
  for (const end of openStreams) end();
  await vi.waitFor(() => expect(kept.ended).toBe(true), longest);
  expect(openStreams.size).toBe(0);
  expect([gone.ends, kept.ends]).toEqual([1, 1]);
});

it("listens again after its connection was cut, and sends what it missed", async () => {
  const read = listen(600_000);
  await vi.waitFor(() => expect(read.text).toContain('"unread":0'), longest);
  await vi.waitFor(async () => {
    const cut = await test.asOwner(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'postern-notifications' AND datname = current_database()`,
    );
    expect(cut.rowCount).toBe(1);
  }, longest);
  await notify("Missed");
  await vi.waitFor(() => expect(read.text).toContain("Missed"), longest);
  await notify("Heard again");
  await vi.waitFor(() => expect(read.text).toContain("Heard again"), longest);
});

it("ends a minute after a step-up for who opened it with the cookie from before", async () => {
  const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
  const former = await inTransaction(test.database, (transaction) =>
    createSession(transaction, caller.userId, origin),
  );
  const opened = await findCaller(test.database, former, origin);
  if (!opened) throw new Error("no session");
  caller = opened;
  const token = await inTransaction(test.database, (transaction) =>
    rotateSession(transaction, former.sessionId),
  );
  const [before, after] = [listen(50, notifications, former), listen(50, notifications, token)];
  await vi.waitFor(() => expect(before.text).toContain("still here"), longest);
  await test.asOwner("UPDATE sessions SET former_until = ARRAY[now()] WHERE id = $1", [former.sessionId]);
  await vi.waitFor(() => expect(before.ended).toBe(true), longest);
  await notify("For the owner alone");
  await vi.waitFor(() => expect(after.text).toContain("For the owner alone"), longest);
  expect(before.text).not.toContain("For the owner alone");
  expect(after.ended).toBe(false);
});

it("the bell's list has the newest ten of one's own, and says which are unread", async () => {
  const other = await makeUser(test.database, "Somebody Else");
  await notify("Not mine", other.id);
  for (const number of Array.from({ length: 12 }, (_, index) => index + 1)) {
    await notify(`Number ${number}`);
    // Notices of one millisecond have no order, and ids round it up or down.
    const written = Date.now();
    await vi.waitUntil(() => Date.now() > written + 1, { interval: 1 });
  }
  const { rows: before } = await newestNotifications(test.database, caller);
  expect(before.map((row) => row.title)).toEqual(
    Array.from({ length: 10 }, (_, index) => `Number ${12 - index}`),
  );
  await markNotificationsRead(test.database, caller, before[0]?.id ?? null);
  const { rows, now } = await newestNotifications(test.database, caller);
  expect(rows.map((row) => row.readAt !== null)).toEqual([true, ...Array(9).fill(false)]);
  expect(now.getTime()).toBeGreaterThanOrEqual(rows[0]?.createdAt.getTime() ?? Number.POSITIVE_INFINITY);
});
