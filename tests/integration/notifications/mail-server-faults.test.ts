import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { sendDueMail } from "@/lib/operations/notifications/send-mail";
import { noImportSources } from "@/lib/platform/import-files/import-sources";
import { registerJobs, runRecorded } from "@/lib/platform/job-state";
import { prepareQueues, startWorker } from "@/lib/platform/jobs";
import { type Mailer, openMailer } from "@/lib/platform/mail";
import { periodicJobs } from "@/lib/server/worker/periodic-jobs";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  type DrippingServer,
  type MailServer,
  smtpError,
  startDrippingServer,
  startMailServer,
} from "../../support/peers/mail-server";
import { spawnWorker } from "../../support/processes/worker-process";
import { makeWaitingMail } from "../../support/waiting-mail";

const start = new Date("2027-03-01T09:00:00Z");
const publicUrl = "https://postern.contoso.example";
const from = "Postern <postern@contoso.example>";
const clock = { now: start };
/** The limit of a send here, short enough to wait for. */
const longest = 300;
const gaveUp = `did not take the message within ${longest / 1_000} seconds`;
/** The same for messages that are delivered in the end, also on a busy machine. */
const patient = 2_000;
let test: TestDatabase;
let opened: { close(): unknown }[];

beforeEach(async () => {
  clock.now = start;
  opened = [];
  test = await createTestDatabase({ clock: () => clock.now });
});
afterEach(async () => {
  for (const each of opened) await each.close();
  await test.drop();
});

async function server(options: Parameters<typeof startMailServer>[0]): Promise<MailServer> {
  const started = await startMailServer(options);
  opened.push(started);
  return started;
}

async function dripping(begins: "greeting" | "EHLO"): Promise<DrippingServer> {
  const started = await startDrippingServer(begins);
  opened.push(started);
  return started;
}

function mailerTo(smtpUrl: string, longestSendMilliseconds = longest): Mailer {
  const mailer = openMailer({ smtpUrl, from }, { longestSendMilliseconds });
  opened.unshift(mailer);
  return mailer;
}

const send = (mailer: Mailer) => sendDueMail(test.database, mailer, publicUrl);
const messages = () => test.database.client.mailMessage.findMany({ orderBy: { id: "asc" } });
const message = { to: "ada@contoso.example", id: "1", subject: "Hello", text: "Hello", html: "<p>Hello" };

it.each(["greeting", "EHLO"] as const)(
  "gives up, in time, a server that drips its answer to the %s byte by byte, and cuts the connection",
  async (begins) => {
    const slow = await dripping(begins);
    await makeWaitingMail(test.database, "a");
    const mailer = mailerTo(slow.url);
    const began = performance.now();
    await expect(send(mailer)).rejects.toThrow(gaveUp);
    expect(performance.now() - began).toBeLessThan(longest + 2_000);
    expect(await messages()).toMatchObject([
      { attempts: 1, sentAt: null, deadAt: null, nextAttemptAt: addMinutes(start, 1) },
    ]);
    await vi.waitFor(() => expect(slow.connections()).toEqual({ made: 1, open: 0 }));
  },
);

it.each(["onMailFrom", "onRcptTo", "onData"] as const)(
  "gives up a server that never answers at %s, and sends over the same mailer once it does",
  async (step) => {
    let answers = false;
    const open = new Set<string>();
    const slow = await server({
      onConnect: (session, done) => {
        open.add(session.id);
        done();
      },
      onClose: (session) => {
        open.delete(session.id);
      },
      ...(step === "onData"
        ? {
            onData: (stream, _session, done) => {
              stream.resume().once("end", () => answers && done());
            },
          }
        : { [step]: (_address: unknown, _session: unknown, done: () => void) => answers && done() }),
    });
    for (const key of ["a", "b", "c"]) await makeWaitingMail(test.database, key);
    const mailer = mailerTo(slow.url, patient);
    await expect(send(mailer)).rejects.toThrow(`did not take the message within ${patient / 1_000} seconds`);
    const later = { attempts: 1, sentAt: null, deadAt: null, nextAttemptAt: addMinutes(start, 1) };
    expect(await messages()).toMatchObject([later, later, later]);
    await vi.waitFor(() => expect(open.size).toBe(0), 20_000);

    answers = true;
    clock.now = addMinutes(start, 1);
    expect(await send(mailer)).toBe(3);
    expect((await messages()).map(({ lastError }) => lastError)).toEqual([null, null, null]);
  },
);

it("leaves a whole batch to its worker for as long as a server may draw it out", async () => {
  const mailer = mailerTo("smtp://127.0.0.1:1", 45_000);
  const unanswered: (() => void)[] = [];
  const slow: Mailer = {
    ...mailer,
    send: () => new Promise((resolve) => unanswered.push(() => resolve({ ok: true }))),
  };
  for (let count = 0; count < 10; count += 1) await makeWaitingMail(test.database, `m${count}`);
  const sending = send(slow);
  for (let answered = 0; answered < 10; answered += mailer.connections) {
    await vi.waitFor(() => expect(unanswered).toHaveLength(mailer.connections));
    // Another worker runs just before each of them is given up.
    clock.now = new Date(clock.now.getTime() + mailer.longestSendMilliseconds);
    expect(await send(mailerTo("smtp://127.0.0.1:1"))).toBe(0);
    for (const answer of unanswered.splice(0)) answer();
  }
  expect(await sending).toBe(10);
  expect((await messages()).every(({ attempts, sentAt }) => attempts === 1 && sentAt !== null)).toBe(true);
});

it.each([
  ["onRcptTo", 450, false],
  ["onRcptTo", 550, true],
  ["onData", 452, false],
  ["onData", 554, true],
] as const)("after %s is answered with %i, gives up at once: %s", async (step, code, dead) => {
  const refusing = await server({
    [step]: (data: { resume?: () => void }, _session: unknown, done: (error: Error) => void) => {
      data.resume?.();
      done(smtpError(code, "Not this one"));
    },
  });
  await makeWaitingMail(test.database, "a");
  expect(await send(mailerTo(refusing.url))).toBe(0);
  const [mail] = await messages();
  expect(mail).toMatchObject({ attempts: 1, sentAt: null, deadAt: dead ? start : null });
  expect(mail?.lastError).toContain("Not this one");
});

it("calls a sign-in, a sender and a certificate that do not do the configuration's fault, and gives nothing up", async () => {
  const { port } = new URL(
    (
      await server({
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: (_auth, _session, done) => done(smtpError(535, "Who are you?")),
      })
    ).url,
  );
  const noSender = await server({
    onMailFrom: (_address, _session, done) => done(smtpError(553, "Not your domain")),
  });
  // Everybody has the key of its certificate, as it says when it starts, and the certificate has expired.
  const warning = vi.spyOn(console, "error").mockImplementation(() => {});
  const { port: tlsPort } = new URL((await server({ disabledCommands: [] })).url);
  warning.mockRestore();
  await makeWaitingMail(test.database, "a");
  const faults: [url: string, fault: string][] = [
    [`smtp://postern:wrong@127.0.0.1:${port}`, "does not accept the sign-in of POSTERN_SMTP_URL"],
    [`smtp://127.0.0.1:${port}`, "does not accept the sign-in of POSTERN_SMTP_URL"],
    [noSender.url, "does not accept the sender of POSTERN_MAIL_FROM"],
    [`smtp://127.0.0.1:${tlsPort}`, "POSTERN_SMTP_URL cannot be used: certificate"],
    [`${noSender.url}/?requireTLS=true`, "POSTERN_SMTP_URL cannot be used: Error upgrading"],
    [noSender.url.replace("smtp:", "smtps:"), "POSTERN_SMTP_URL cannot be used"],
  ];
  for (const [url, fault] of faults) {
    await expect(send(mailerTo(url, 5_000))).rejects.toThrow(fault);
    const [mail] = await messages();
    expect(mail?.lastError).toContain(fault);
    expect(mail).toMatchObject({ sentAt: null, deadAt: null });
    clock.now = addMinutes(clock.now, 60);
  }
});

it("counts as failing for as long as what could not be sent waits for its next turn", async () => {
  const { database } = test;
  await makeWaitingMail(database, "a");
  const jobs = (url: string) =>
    periodicJobs({
      mailer: mailerTo(url, 5_000),
      publicUrl,
      encryptionKeys: [],
      confirmingIssuers: { any: [], phishingResistant: [] },
      importSources: noImportSources,
    }).filter(({ name }) => name === "send-mail");
  await registerJobs(database, jobs("smtp://127.0.0.1:1"));
  const run = async (url: string) => {
    for (const job of jobs(url)) await runRecorded(database, job).catch(() => {});
    return (await database.client.workerJob.findFirst())?.failuresInRow;
  };
  const { url } = await server({});
  expect(await run("smtp://127.0.0.1:1")).toBe(1);
  clock.now = addMinutes(start, 0.5);
  expect(await run(url)).toBe(1);
  clock.now = addMinutes(start, 1);
  expect(await run(url)).toBe(0);
  expect(await messages()).toMatchObject([{ sentAt: clock.now }]);
});

it("never shows the password of the mail server", async () => {
  const refusing = await server({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(smtpError(535, "Who are you?")),
  });
  const { port } = new URL(refusing.url);
  const result = await mailerTo(`smtp://postern:hunter2@127.0.0.1:${port}`, 5_000).send(message);
  expect(result).toMatchObject({ ok: false, failure: "unusable" });
  expect(JSON.stringify(result)).not.toMatch(/hunter2|aHVudGVyMg|cG9zdGVybgBodW50ZXIy/);
});

it("stops a worker within seconds while a server hangs", async () => {
  const slow = await dripping("EHLO");
  for (const key of ["a", "b", "c", "d"]) await makeWaitingMail(test.database, key);
  const { url, database } = test;
  const mailer = mailerTo(slow.url, 60_000);
  let sending: Promise<number> | undefined;
  const run = () => {
    sending = send(mailer);
    return sending;
  };
  await prepareQueues(url, [{ name: "send-mail" }]);
  const worker = await startWorker({
    url,
    database,
    jobs: [{ name: "send-mail", title: "Send mail", everyMinutes: 1, run }],
    tell: () => {},
  });
  await vi.waitFor(() => expect(slow.connections().open).toBe(2), { timeout: 10_000 });
  const began = performance.now();
  mailer.close();
  await worker.stop();
  expect(performance.now() - began).toBeLessThan(6_000);
  expect(await database.client.workerInstance.findMany()).toMatchObject([{ stoppedAt: start }]);
  // The rest of its work ends before its database does.
  await slow.close();
  await expect(sending).rejects.toThrow();
});

it("ends its process within seconds while a server hangs, and another worker sends what it left", async () => {
  const slow = await dripping("EHLO");
  const real = await createTestDatabase();
  opened.push({ close: () => real.drop() });
  await makeWaitingMail(real.database, "a");
  const environment = { POSTERN_SMTP_URL: slow.url, POSTERN_MAIL_FROM: from };
  const worker = await spawnWorker(real.url, environment);
  await vi.waitFor(() => expect(slow.connections().open).toBe(1), { timeout: 20_000, interval: 100 });
  const began = performance.now();
  await worker.stop();
  expect(performance.now() - began).toBeLessThan(6_000);
  expect(await real.database.client.mailMessage.findMany()).toMatchObject([{ attempts: 1, sentAt: null }]);
  await real.asOwner("UPDATE mail_messages SET next_attempt_at = postern_now()");
  const good = await server({});
  expect(await sendDueMail(real.database, mailerTo(good.url, 5_000), publicUrl)).toBe(1);
});

it("gives back at once, and without counting an attempt, what a closed mailer does not begin", async () => {
  const good = await server({});
  await makeWaitingMail(test.database, "a");
  const closed = mailerTo(good.url);
  closed.close();
  expect(await send(closed)).toBe(0);
  expect(await messages()).toMatchObject([{ attempts: 0, nextAttemptAt: start, lastError: null }]);
  expect(await send(mailerTo(good.url, 5_000))).toBe(1);
  expect(good.received).toHaveLength(1);
});
