import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { type Database, openDatabase } from "@/lib/platform/database";
import { noImportSources } from "@/lib/platform/import-files/import-sources";
import { prepareQueues, startWorker, type Worker } from "@/lib/platform/jobs";
import { type Mailer, openMailer } from "@/lib/platform/mail";
import { periodicJobs } from "@/lib/server/worker/periodic-jobs";
import { startReview } from "../../support/access-reviews";
import { raiseNothingOfFactors } from "../../support/alert-settings";
import { arrangeApproval, stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { holdLog } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
  withoutAddresses,
} from "../../support/factories";
import { type MailServer, startMailServer } from "../../support/peers/mail-server";

/** A Sunday night; the workers are stopped until Monday morning, past the hour of the digest. */
const start = new Date("2027-02-28T03:00:00Z");
const back = new Date("2027-03-01T09:00:00Z");
const publicUrl = "https://postern.contoso.example";
const clock = { now: start };
let test: TestDatabase;
let server: MailServer;
let lines: string[];
let running: { readonly worker: Worker; readonly mailer: Mailer; readonly database: Database }[];

beforeEach(async () => {
  clock.now = start;
  lines = [];
  running = [];
  test = await createTestDatabase({ clock: () => clock.now });
  server = await startMailServer();
});
afterEach(async () => {
  await stopWorkers();
  await server.close();
  await test.drop();
});

const hours = (count: number) => addMinutes(start, count * 60);

function jobsWith(mailer: Mailer) {
  return periodicJobs({
    mailer,
    publicUrl,
    encryptionKeys: [],
    confirmingIssuers: { any: [], phishingResistant: [] },
    importSources: noImportSources,
  });
}

/** A worker with connections and a mailer of its own, as each replica has one. */
async function work(): Promise<void> {
  const { url } = test;
  const database = openDatabase({ url, maximumConnections: 6, clock: () => clock.now });
  const mailer = openMailer({ smtpUrl: server.url, from: "Postern <postern@contoso.example>" });
  const options = { url, database, jobs: jobsWith(mailer) };
  await prepareQueues(url, options.jobs);
  const worker = await startWorker({ ...options, tell: (line) => lines.push(line) });
  running.push({ worker, mailer, database });
}

async function stopWorkers(): Promise<void> {
  for (const { worker, mailer, database } of running.splice(0)) {
    mailer.close();
    await worker.stop();
    await database.close();
  }
}

/** Waits until every job has run at this time and nothing waits to be notified or sent. */
async function calm(): Promise<void> {
  const { client } = test.database;
  await vi.waitFor(
    async () => {
      const jobs = await client.workerJob.findMany();
      expect(jobs.filter((job) => job.lastSucceededAt?.getTime() !== clock.now.getTime())).toEqual([]);
      expect(await client.outboxEntry.count()).toBe(0);
      expect(await client.mailMessage.count({ where: { sentAt: null } })).toBe(0);
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** Everything that happened since a moment: events of the log by kind, and the notices and mail of each person. */
async function since(moment: Date) {
  const { client } = test.database;
  const events = await client.auditEvent.findMany({ where: { occurredAt: { gte: moment } } });
  const notifications = await client.notification.findMany({
    where: { createdAt: { gte: moment } },
    include: { recipient: true },
  });
  const people = await client.principal.findMany();
  const names = new Map(people.map((person) => [person.email, person.displayName]));
  const subjects = server.received.map(({ to, subject }) => {
    const [recipient] = [to].flat();
    return `${names.get(recipient?.text ?? "")}: ${withoutAddresses(subject?.replace(/^Postern: /, "") ?? "")}`;
  });
  const kinds: Record<string, number> = {};
  for (const { kind } of events) kinds[kind] = (kinds[kind] ?? 0) + 1;
  return {
    kinds,
    notified: notifications
      .map(({ recipient, title }) => `${recipient.displayName}: ${withoutAddresses(title)}`)
      .sort(),
    mailed: subjects.sort(),
  };
}

it("after thirty hours without a worker, two that start at once do everything once and nothing too late", async () => {
  const { database } = test;
  const tree = await makeTree(database);
  await raiseNothingOfFactors(database, tree.root.id);
  const ownerRole = await makeOwnerRole(database);
  const person = (name: string) => makeUser(database, name);
  const longAgo = { startsAt: addDays(start, -60) };
  const [grace, hal] = [await person("Grace Owner"), await person("Hal Owner")];
  await grant(database, "active", grace.id, ownerRole.id, tree.root.id, longAgo);

  // Access that ends meanwhile, and some that ends soon after.
  async function give(kind: "eligible" | "active", name: string, roleName: string, endsAt: Date) {
    const [member, role] = [await person(name), await makeRole(database, roleName, {})];
    const access = await grant(database, kind, member.id, role.id, tree.group.id, { ...longAgo, endsAt });
    return { member, role, access };
  }
  await give("active", "Ada", "Assigned", hours(5));
  await give("eligible", "Ben", "Ended", hours(28));
  await give("eligible", "Dee", "Fortnight", addDays(hours(12), 14));
  await give("active", "Eli", "Tomorrow", hours(40));
  const cy = await give("eligible", "Cy", "Activated", addDays(start, 60));
  await pastTheRules(database, (to) =>
    to.assignment.create({
      data: {
        ...{ principalId: cy.member.id, roleDefinitionId: cy.role.id, resourceId: tree.group.id },
        ...{ startsAt: addMinutes(start, -60), endsAt: hours(2), assignmentType: "Activated" },
        eligibilityId: cy.access.id,
      },
    }),
  );

  // Requests that time out, escalate, are near their end, and lose what they depend on.
  const emma = await person("Emma Escalation");
  async function ask(timeoutHours: number, escalates: boolean, eligibleUntil?: Date) {
    const escalationApproverIds = escalates ? [emma.id] : [];
    const stages = (ids: string[]) => [stageOf(ids.slice(0, 1), { timeoutHours, escalationApproverIds })];
    const { waiting, eligibility } = await arrangeApproval(database, { tree, stages });
    if (eligibleUntil)
      await pastTheRules(database, (to) =>
        to.eligibility.update({
          where: { id: eligibility.id },
          data: { endsAt: eligibleUntil },
        }),
      );
    await waiting();
  }
  await ask(4, true);
  await ask(24, true);
  await ask(36, false);
  await ask(48, false, hours(10));

  // A review that ends meanwhile, and one that starts.
  const caller = await makeCaller(database, grace);
  const about = { resourceId: tree.group.id, roleDefinitionIds: [cy.role.id] };
  await startReview(database, caller, { ...about, name: "First", durationDays: 1 });
  await startReview(database, caller, { ...about, name: "Second", startsAt: hours(10), durationDays: 7 });

  await work();
  await calm();
  await stopWorkers();
  server.received.splice(0);

  clock.now = hours(3);
  await grant(database, "active", hal.id, ownerRole.id, tree.root.id, { startsAt: clock.now });

  clock.now = back;
  // Five jobs of the first are past their checks, and stopped where they write their results. The second starts
  // beside them: it skips the rows that they hold, and its scan of alerts waits for theirs.
  const log = await holdLog(test);
  await work();
  await log.waitedFor(5);
  await work();
  await log.waitedBehind();
  await log.release();
  await calm();
  const first = await since(back);
  expect(first.kinds).toEqual({
    ActivationExpired: 1,
    ActiveAssignmentExpired: 1,
    // Ben's, and the eligibility that one of the requests depended on.
    EligibleAssignmentExpired: 2,
    RequestTimedOut: 1,
    RequestEscalated: 1,
    RequestReminded: 1,
    RequestRevoked: 1,
    AccessReviewEnded: 1,
    AccessReviewStarted: 1,
    // Too many permanent Owners. That Ben never activated no longer matters.
    AlertRaised: 1,
    AlertResolved: 1,
  });
  const asks = "Rita Requester asks to activate User Access Administrator on Production";
  const mine = "User Access Administrator on Production";
  const mailed = [
    "Ada: Your assignment of Assigned on web has ended",
    `Anna Approver: ${asks}, and it times out soon`,
    `Anna Approver: ${asks}, and nobody has decided yet`,
    // One has timed out, and one was revoked.
    ...Array<string>(2).fill(`Anna Approver: No longer needs a decision: ${asks}`),
    // Not the warning that it ends within a day, which was due for some hours.
    "Ben: You can no longer activate Ended on web",
    "Cy: You are asked to review who has access: Second",
    "Dee: Your eligibility for Fortnight on web ends within 14 days",
    "Eli: Your assignment of Tomorrow on web ends within a day",
    `Emma Escalation: ${asks}, and nobody has decided yet`,
    "Grace Owner: Too many permanent Owners: Contoso",
    "Grace Owner: Your access review has ended: First",
    "Grace Owner: Your week in privileged access, 22 Feb 2027 to 28 Feb 2027",
    "Hal Owner: Too many permanent Owners: Contoso",
    "Hal Owner: Your week in privileged access, 22 Feb 2027 to 28 Feb 2027",
    // Each of the three who may still activate a role that administers.
    ...Array<string>(3).fill(
      "Rita Requester: Activate first: Your week in privileged access, 22 Feb 2027 to 28 Feb 2027",
    ),
    `Rita Requester: You can no longer activate ${mine}`,
    `Rita Requester: Your request to activate ${mine} has timed out`,
    `Rita Requester: Your request to activate ${mine} was revoked`,
  ];
  const notMailed = ["Cy: Your activation of Activated on web has ended"];
  expect(first.mailed).toEqual([...mailed].sort());
  expect(first.notified).toEqual([...mailed, ...notMailed].sort());
  expect(lines).toEqual([]);
  await stopWorkers();

  // Nothing is left over, now or a minute later.
  const mailer = openMailer({ smtpUrl: server.url, from: "Postern <postern@contoso.example>" });
  for (const minutes of [0, 1]) {
    clock.now = addMinutes(back, minutes);
    for (const job of jobsWith(mailer)) await job.run(database);
  }
  mailer.close();
  expect(await since(back)).toEqual(first);
}, 60_000);
