import { afterEach, beforeEach, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { retryDelivery } from "@/lib/operations/notifications/retry-delivery";
import { mailIsDue, sendDueMail } from "@/lib/operations/notifications/send-mail";
import { type Mailer, openMailer } from "@/lib/platform/mail";
import { workerState } from "@/lib/queries/notifications/worker-state";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeCaller, makeOwnerRole, makeTree, makeUser } from "../../support/factories";
import { type MailServer, smtpError, startMailServer } from "../../support/peers/mail-server";
import { makeWaitingMail } from "../../support/waiting-mail";

const start = new Date("2027-03-01T09:00:00Z");
const publicUrl = "https://postern.contoso.example";
const clock = { now: start };
let test: TestDatabase;
let server: MailServer;
let mailers: Mailer[];

beforeEach(async () => {
  clock.now = start;
  mailers = [];
  test = await createTestDatabase({ clock: () => clock.now });
  server = await startMailServer();
});
afterEach(async () => {
  for (const mailer of mailers) mailer.close();
  await server.close();
  await test.drop();
});

function mailerTo(smtpUrl: string): Mailer {
  const mailer = openMailer({ smtpUrl, from: "Postern <postern@contoso.example>" });
  mailers.push(mailer);
  return mailer;
}

const tell = (subjectKey: string, title?: string) => makeWaitingMail(test.database, subjectKey, title);

const messages = () => test.database.client.mailMessage.findMany({ orderBy: { id: "asc" } });

it("sends text and HTML with a direct link, everything typed by people as text, once", async () => {
  const user = await tell("a", "You now hold <i>Reader</i>\r\nBcc: everybody@evil.example");
  const mailer = mailerTo(server.url);
  expect(await mailIsDue(test.database)).toBe(true);
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(1);
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(0);
  expect(await mailIsDue(test.database)).toBe(false);
  const [mail, ...others] = server.received;
  expect(others).toEqual([]);
  expect(mail?.to).toMatchObject({ text: user.email });
  expect(mail?.bcc).toBeUndefined();
  expect(mail?.from?.text).toBe('"Postern" <postern@contoso.example>');
  expect(mail?.subject).toBe("Postern: You now hold <i>Reader</i> Bcc: everybody@evil.example");
  expect(mail?.text).toContain(`Open in Postern: ${publicUrl}/my-roles?tab=active`);
  expect(mail?.html).toContain(`href="${publicUrl}/my-roles?tab=active"`);
  expect(mail?.html).toContain("&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;");
  expect(mail?.html).not.toMatch(/<b>|<i>|<img|<script|src=/);
  expect(await messages()).toMatchObject([{ attempts: 1, sentAt: start, deadAt: null }]);
});

const nextMail = "SELECT id FROM mail_messages ORDER BY next_attempt_at, id LIMIT 10 FOR UPDATE";

it("leaves to another worker what that one has claimed, and is sending", async () => {
  for (let count = 0; count < 4; count += 1) await tell(`m${count}`);
  const beside: Promise<number>[] = [];
  const slow = await startMailServer({
    // The first message is still being sent when the other worker looks.
    onData(stream, _session, done) {
      stream.resume();
      stream.once("end", () => {
        if (beside.length > 0) return done();
        const other = sendDueMail(test.database, mailerTo(server.url), publicUrl);
        beside.push(other);
        other.then(() => done(), done);
      });
    },
  });
  try {
    expect(await sendDueMail(test.database, mailerTo(slow.url), publicUrl)).toBe(4);
    expect(await Promise.all(beside)).toEqual([0]);
    expect(server.received).toEqual([]);
  } finally {
    await slow.close();
  }
});

it("sends each message once when two workers send at the same time", async () => {
  for (let count = 0; count < 25; count += 1) await tell(`m${count}`);
  const send = () => sendDueMail(test.database, mailerTo(server.url), publicUrl);
  // A worker skips rows that another is claiming, and waits for nobody.
  const claim = await holdLock(test, nextMail, []);
  const beside = send();
  try {
    expect(await Promise.race([beside, claim.waitedFor().then(() => "waits")])).toBe(15);
  } finally {
    await claim.release();
  }
  expect(await send()).toBe(10);
  expect(new Set(server.received.map((mail) => mail.messageId)).size).toBe(25);
  expect(server.received).toHaveLength(25);
});

it("tries again, later each time, at a server that refuses for now and then accepts", async () => {
  await server.close();
  let refuse = true;
  server = await startMailServer({
    onMailFrom: (_address, _session, done) => done(refuse ? smtpError(451, "Try again later") : null),
  });
  await tell("a");
  const mailer = mailerTo(server.url);
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(0);
  const [first] = await messages();
  expect(first).toMatchObject({
    attempts: 1,
    sentAt: null,
    deadAt: null,
    nextAttemptAt: addMinutes(start, 1),
  });
  expect(first?.lastError).toContain("Try again later");
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(0);
  expect(await messages()).toMatchObject([{ attempts: 1 }]);
  clock.now = addMinutes(start, 1);
  await sendDueMail(test.database, mailer, publicUrl);
  expect(await messages()).toMatchObject([{ attempts: 2, nextAttemptAt: addMinutes(start, 3) }]);
  refuse = false;
  clock.now = addMinutes(start, 3);
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(1);
  expect(server.received).toHaveLength(1);
  expect(await messages()).toMatchObject([{ attempts: 3, sentAt: clock.now, lastError: null }]);
});

it("tries again where nobody listens, and gives up after eight attempts", async () => {
  await tell("a");
  const mailer = mailerTo("smtp://127.0.0.1:1");
  for (let attempt = 0; attempt < 8; attempt += 1) {
    await expect(sendDueMail(test.database, mailer, publicUrl)).rejects.toThrow("POSTERN_SMTP_URL cannot be");
    clock.now = addMinutes(clock.now, 24 * 60);
  }
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(0);
  expect(await messages()).toMatchObject([{ attempts: 8, sentAt: null, deadAt: expect.any(Date) }]);
  expect(await mailIsDue(test.database)).toBe(false);
});

it("gives up at once on a recipient that the server will never take, and an administrator can try again", async () => {
  const { database } = test;
  await server.close();
  let refuse = true;
  server = await startMailServer({
    onRcptTo: (_address, _session, done) => done(refuse ? smtpError(550, "No such person") : null),
  });
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const grace = await makeUser(database, "Grace Owner");
  await grant(database, "active", grace.id, owner.id, tree.root.id);
  const admin = await makeCaller(database, grace);
  const user = await tell("a");
  const mailer = mailerTo(server.url);
  await sendDueMail(database, mailer, publicUrl);
  const state = await workerState(database, admin);
  expect(state?.health).toMatchObject({ deadLetters: 1 });
  expect(state?.dead).toMatchObject([{ channel: "Mail", recipient: user.email, attempts: 1 }]);
  expect(state?.dead[0]?.error).toContain("No such person");
  refuse = false;
  expect(await retryDelivery(database, admin, null)).toEqual({ ok: true, retried: 1 });
  expect(await sendDueMail(database, mailer, publicUrl)).toBe(1);
  expect(server.received).toHaveLength(1);
});

it("sends again with the same Message-ID what was cut off between sending and marking", async () => {
  await tell("a");
  const mailer = mailerTo(server.url);
  const killed: Mailer = {
    ...mailer,
    async send(message) {
      await mailer.send(message);
      throw new Error("the worker is killed");
    },
  };
  await expect(sendDueMail(test.database, killed, publicUrl)).rejects.toThrow("the worker is killed");
  expect(server.received).toHaveLength(1);
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(0);
  clock.now = addMinutes(start, 7);
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(1);
  expect(server.received).toHaveLength(2);
  expect(server.received[1]?.messageId).toBe(server.received[0]?.messageId);
  clock.now = addMinutes(start, 60);
  expect(await sendDueMail(test.database, mailer, publicUrl)).toBe(0);
});
