import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ExportPlan, exportLimits } from "@/lib/domain/notifications/export-schedule";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { createExportSchedule } from "@/lib/operations/notifications/create-export-schedule";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import {
  deleteExportSchedule,
  pauseExportSchedule,
  resumeExportSchedule,
  sendExportNow,
} from "@/lib/operations/notifications/hold-export-schedule";
import { exportsAreDue, queueExports } from "@/lib/operations/notifications/queue-exports";
import { sendDueMail } from "@/lib/operations/notifications/send-mail";
import { updateExportSchedule } from "@/lib/operations/notifications/update-export-schedule";
import type { Caller } from "@/lib/platform/caller";
import { type Mailer, openMailer } from "@/lib/platform/mail";
import { exportSchedules } from "@/lib/queries/notifications/export-schedules";
import { makeExport } from "@/lib/server/worker/make-export";
import { type Administration, makeAdministration } from "../../support/administration";
import { grant, makeGroup, makeRole } from "../../support/factories";
import { type MailServer, smtpError, startMailServer } from "../../support/peers/mail-server";

// A Monday.
const start = new Date("2026-03-02T09:30:00Z");
const clock = { now: start };
let at: Administration;
let server: MailServer;
let mailer: Mailer;
let auditor: Caller;

beforeEach(async () => {
  clock.now = start;
  at = await makeAdministration(() => clock.now);
  server = await startMailServer();
  mailer = openMailer({ smtpUrl: server.url, from: "Postern <postern@contoso.example>" });
  const role = await makeRole(at.database, "Auditor", { actions: ["*/read"] });
  auditor = await at.person("Audrey Auditor");
  await grant(at.database, "active", auditor.userId, role.id, at.tree.subscription.id);
});
afterEach(async () => {
  mailer.close();
  await server.close();
  await at.test.drop();
});

const plan = (more: Partial<ExportPlan> = {}): ExportPlan => ({
  contents: "Assignments",
  includeBelow: false,
  frequency: "Weekly",
  day: 1,
  hour: 10,
  recipientIds: [auditor.userId],
  ...more,
});

async function schedule(more: Partial<ExportPlan> = {}, by: Caller = at.owner) {
  const input = { resourceId: at.tree.subscription.id, plan: plan(more) };
  const made = await createExportSchedule(at.database, by, input);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return made.scheduleId;
}

const shown = async (caller = at.owner) => {
  const [first] = (await exportSchedules(at.database, caller, at.tree.subscription.id)) ?? [];
  if (!first) throw new Error("nothing is scheduled");
  return first;
};
const outcomes = async () => (await shown()).recipients.map(({ outcome }) => outcome);
const deliver = () => sendDueMail(at.database, mailer, "https://postern.contoso.example", makeExport);
const pass = (minutes: number) => {
  clock.now = addMinutes(clock.now, minutes);
};
/** The hour comes, and the worker sends. */
async function send() {
  pass(60);
  const queued = await queueExports(at.database);
  return { queued, sent: await deliver() };
}
const events = async (kind: string) =>
  at.database.client.auditEvent.findMany({ where: { kind }, orderBy: { sequence: "asc" } });
/** The people notified of a pause since the last call, by bell and by mail alike. */
async function newNotices() {
  await deliverNotifications(at.database, { mail: true });
  const { client } = at.database;
  const about = { title: { startsWith: "A scheduled export was paused: assignments of" } };
  const found = await client.notification.findMany({ where: about });
  const keys = found.map(({ subjectKey }) => subjectKey);
  const mails = await client.mailMessage.findMany({ where: { subjectKey: { in: keys } } });
  expect(mails.map(({ recipientId }) => recipientId).sort()).toEqual(
    found.map(({ recipientId }) => recipientId).sort(),
  );
  await at.test.asOwner("DELETE FROM notifications");
  await at.test.asOwner("DELETE FROM mail_messages");
  return Object.fromEntries(found.map(({ recipientId, body }) => [recipientId, body]));
}
const attached = () => server.received.at(-1)?.attachments[0]?.content.toString("utf8") ?? "";
/** An administrator of the subscription alone, with the assignment that makes them one. */
async function administrator() {
  const role = await makeRole(at.database, "Settings", {
    actions: ["*/read", "Microsoft.Authorization/roleManagementPolicies/write"],
  });
  const caller = await at.person("Sam Settings");
  const { id } = await grant(at.database, "active", caller.userId, role.id, at.tree.subscription.id);
  const end = () =>
    at.test.asOwner("UPDATE assignments SET ends_at = $2, removed_at = $2 WHERE id = $1", [
      id,
      clock.now.toISOString(),
    ]);
  return { caller, end };
}

describe("a scheduled export", () => {
  it("reaches its recipient as a file with what they may read, at its hour, and the log says who got what", async () => {
    const scheduleId = await schedule();
    expect(await exportsAreDue(at.database)).toBe(false);
    expect(await queueExports(at.database)).toBe(0);
    expect(await send()).toEqual({ queued: 1, sent: 1 });
    const [mail] = server.received;
    expect(mail?.subject).toBe("Postern: Assignments of Production");
    expect(mail?.attachments[0]).toMatchObject({
      filename: "postern-assignments.csv",
      contentType: "text/csv",
    });
    expect(attached()).toContain("Audrey Auditor");
    expect(await outcomes()).toEqual(["Sent"]);
    expect((await shown()).nextAt).toEqual(new Date("2026-03-09T10:00:00Z"));
    const [started] = await events("ExportStarted");
    expect(started).toMatchObject({ actorId: auditor.userId, details: { list: "Assignments", scheduleId } });
    expect((await events("ExportEnded"))[0]).toMatchObject({ actorId: auditor.userId, outcome: "Success" });
    // Nothing of the file is kept.
    const { content } = await at.database.client.mailMessage.findFirstOrThrow();
    expect(JSON.stringify(content).length).toBeLessThan(2_000);
    expect(await queueExports(at.database)).toBe(0);
  });

  it("gives each recipient exactly what they may read: role settings, what lies below, or nothing", async () => {
    const stranger = await at.person("Nobody Special");
    const below = await makeRole(at.database, "Below reader", { actions: ["*/read"] });
    await grant(at.database, "active", stranger.userId, below.id, at.tree.group.id);
    await schedule({
      contents: "RoleSettings",
      includeBelow: true,
      recipientIds: [auditor.userId, stranger.userId],
    });
    expect(await send()).toEqual({ queued: 1, sent: 1 });
    expect(server.received[0]?.attachments[0]?.filename).toBe("postern-role-settings.csv");
    expect((await shown()).recipients.map(({ person, outcome }) => [person.displayName, outcome])).toEqual([
      ["Audrey Auditor", "Sent"],
      ["Nobody Special", "NotAllowed"],
    ]);
  });

  it("has the eligible and the active assignments that run now, or one of both, and nothing that ended", async () => {
    const role = await makeRole(at.database, "Operator", { actions: ["*/read"] });
    const subscription = at.tree.subscription.id;
    const member = async (name: string, kind: "eligible" | "active", endsAt: Date) => {
      const { userId } = await at.person(name);
      await grant(at.database, kind, userId, role.id, subscription, { startsAt: addDays(start, -9), endsAt });
    };
    await member("Elly Eligible", "eligible", addDays(start, 30));
    await member("Adam Active", "active", addDays(start, 30));
    await member("Fay Former", "eligible", addDays(start, -1));
    const namesIn = async (contents: ExportPlan["contents"]) => {
      await at.test.asOwner("DELETE FROM export_schedules");
      const scheduleId = await schedule({ contents });
      await sendExportNow(at.database, at.owner, { scheduleId, expectedVersion: 1 });
      await queueExports(at.database);
      await deliver();
      return ["Elly Eligible", "Adam Active", "Fay Former"].filter((name) => attached().includes(name));
    };
    expect(await namesIn("Assignments")).toEqual(["Elly Eligible", "Adam Active"]);
    expect(await namesIn("Eligible")).toEqual(["Elly Eligible"]);
    expect(await namesIn("Active")).toEqual(["Adam Active"]);
  });

  it("is not sent to somebody who lost the right, or was disabled, after it was queued", async () => {
    const second = await at.person("Second Reader");
    const role = await makeRole(at.database, "Reader", { actions: ["*/read"] });
    const { id } = await grant(at.database, "active", second.userId, role.id, at.tree.subscription.id);
    await schedule({ recipientIds: [auditor.userId, second.userId] });
    pass(60);
    expect(await queueExports(at.database)).toBe(2);
    await at.database.client.principal.update({
      where: { id: auditor.userId },
      data: { disabledAt: clock.now },
    });
    await at.test.asOwner("UPDATE assignments SET ends_at = $2, removed_at = $2 WHERE id = $1", [
      id,
      clock.now.toISOString(),
    ]);
    expect(await deliver()).toBe(0);
    expect(server.received).toEqual([]);
    expect(await outcomes()).toEqual(["Disabled", "NotAllowed"]);
    expect(await events("ExportStarted")).toEqual([]);
    pass(60);
    expect(await deliver()).toBe(0);
  });

  it("notes who is disabled or does not want it, and mails the others", async () => {
    const role = await makeRole(at.database, "Reader", { actions: ["*/read"] });
    const reader = async (name: string) => {
      const person = await at.person(name);
      await grant(at.database, "active", person.userId, role.id, at.tree.subscription.id);
      return person.userId;
    };
    const [disabled, muted] = [await reader("B"), await reader("C")];
    await schedule({ recipientIds: [auditor.userId, disabled, muted] });
    const { principal, notificationPreference } = at.database.client;
    await principal.update({ where: { id: disabled }, data: { disabledAt: clock.now } });
    await notificationPreference.create({ data: { userId: muted, mutedCategories: ["exports"] } });
    expect(await send()).toEqual({ queued: 1, sent: 1 });
    expect(await outcomes()).toEqual(["Sent", "Disabled", "Muted"]);
  });

  it("pauses itself and says why once its administrator may no longer make it or is disabled, until another resumes it", async () => {
    const { caller, end } = await administrator();
    await schedule({}, caller);
    await end();
    expect(await send()).toEqual({ queued: 0, sent: 0 });
    expect(await shown()).toMatchObject({ pauseReason: "RightLost" });
    expect((await events("ExportSchedulePaused"))[0]).toMatchObject({ actorId: null, outcome: "Success" });
    expect(await newNotices()).toEqual({
      [caller.userId]: expect.stringMatching(/^It ran for you, and you may no longer/),
      [at.owner.userId]: expect.stringMatching(/^It ran for Sam Settings, who may no longer edit/),
    });
    const { id: scheduleId, version: expectedVersion } = await shown();
    expect(await resumeExportSchedule(at.database, caller, { scheduleId, expectedVersion })).toMatchObject({
      ok: false,
    });
    expect(await resumeExportSchedule(at.database, at.owner, { scheduleId, expectedVersion })).toEqual({
      ok: true,
    });
    expect(await shown()).toMatchObject({
      pausedAt: null,
      administrator: { displayName: "Olga Owner" },
      nextAt: new Date("2026-03-09T10:00:00Z"),
    });
    const second = await administrator();
    const shownNow = await shown();
    await updateExportSchedule(at.database, second.caller, {
      scheduleId,
      expectedVersion: shownNow.version,
      plan: plan({ hour: 11 }),
    });
    await at.database.client.principal.update({
      where: { id: second.caller.userId },
      data: { disabledAt: clock.now },
    });
    clock.now = addDays(clock.now, 7);
    expect(await send()).toEqual({ queued: 0, sent: 0 });
    expect(await shown()).toMatchObject({ pauseReason: "Disabled" });
    // Disabled people are not notified. A pause by hand is not announced: the person who did it knows.
    const disabled = {
      [at.owner.userId]: expect.stringMatching(/^It ran for Sam Settings, who was disabled/),
    };
    expect(await newNotices()).toEqual(disabled);
    const { version } = await shown();
    await resumeExportSchedule(at.database, at.owner, { scheduleId, expectedVersion: version });
    await pauseExportSchedule(at.database, at.owner, { scheduleId, expectedVersion: version + 1 });
    expect(await newNotices()).toEqual({});
  });

  it("is queued once by two workers, and sent again with the same id if one is killed before it noted the sending", async () => {
    await schedule();
    pass(60);
    const counts = await Promise.all([queueExports(at.database), queueExports(at.database)]);
    expect(counts.sort()).toEqual([0, 1]);
    // The worker claims the mail and is killed before it sends.
    await at.test.asOwner("UPDATE mail_messages SET attempts = 1, next_attempt_at = $1", [
      addMinutes(clock.now, 10).toISOString(),
    ]);
    expect(await deliver()).toBe(0);
    pass(11);
    expect((await Promise.all([deliver(), deliver()])).sort()).toEqual([0, 1]);
    expect(server.received).toHaveLength(1);
  });

  it("is a link instead of a file with more rows than a mail carries", async () => {
    await at.test.asOwner(
      `INSERT INTO principals (type, display_name, email)
       SELECT 'User', 'Person ' || n, 'p' || n || '@contoso.example' FROM generate_series(1, $1::int) n`,
      [exportLimits.rows + 1],
    );
    const role = await makeRole(at.database, "Many", { actions: ["*/read"] });
    await at.test.asOwner(
      `INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
       SELECT id, $1, $2, $3 FROM principals WHERE display_name LIKE 'Person %'`,
      [role.id, at.tree.subscription.id, start.toISOString()],
    );
    await schedule({ contents: "Eligible" });
    expect(await send()).toEqual({ queued: 1, sent: 1 });
    expect(server.received[0]?.attachments).toEqual([]);
    expect(server.received[0]?.text).toContain("too large for mail");
    expect(server.received[0]?.text).toContain("/assignments?tab=eligible");
    expect(await outcomes()).toEqual(["LinkSent"]);
    expect(await events("ExportStarted")).toEqual([]);
  });

  it("says that the mail server did not accept it", async () => {
    const refusing = await startMailServer({
      onRcptTo: (_a, _s, done) => done(smtpError(550, "No such user")),
    });
    const other = openMailer({ smtpUrl: refusing.url, from: "Postern <postern@contoso.example>" });
    try {
      await schedule();
      pass(60);
      await queueExports(at.database);
      await sendDueMail(at.database, other, "https://postern.contoso.example", makeExport);
      expect(await outcomes()).toEqual(["Failed"]);
      expect(await events("ExportEnded")).toEqual([]);
    } finally {
      other.close();
      await refusing.close();
    }
  });
});

describe("whoever administers a scheduled export", () => {
  it("keeps its hour in their own zone when clocks are changed", async () => {
    await at.database.client.notificationPreference.create({
      data: { userId: at.owner.userId, timeZone: "Europe/Berlin" },
    });
    clock.now = new Date("2026-03-28T12:00:00Z");
    await schedule({ frequency: "Daily", day: null, hour: 2 });
    // 02:00 does not exist on 29 March 2026 in Berlin: it is sent when the clock shows 03:00.
    expect((await shown()).nextAt).toEqual(new Date("2026-03-29T01:00:00Z"));
    clock.now = new Date("2026-03-29T01:00:00Z");
    await queueExports(at.database);
    expect((await shown()).nextAt).toEqual(new Date("2026-03-30T00:00:00Z"));
  });

  it("sends it now, once an hour at most and not while it is paused", async () => {
    const scheduleId = await schedule();
    const input = { scheduleId, expectedVersion: 1 };
    expect(await sendExportNow(at.database, at.owner, input)).toEqual({ ok: true });
    expect(await exportsAreDue(at.database)).toBe(true);
    expect(await queueExports(at.database)).toBe(1);
    expect((await shown()).nextAt).toEqual(new Date("2026-03-02T10:00:00Z"));
    pass(29);
    expect(await sendExportNow(at.database, at.owner, input)).toMatchObject({ error: { code: "Conflict" } });
    pass(31);
    expect(await sendExportNow(at.database, at.owner, input)).toEqual({ ok: true });
    expect(await pauseExportSchedule(at.database, at.owner, input)).toEqual({ ok: true });
    expect(await queueExports(at.database)).toBe(0);
    // What was queued before the pause is not sent either.
    expect(await deliver()).toBe(0);
    const paused = { scheduleId, expectedVersion: 2 };
    expect(await sendExportNow(at.database, at.owner, paused)).toMatchObject({ error: { code: "Conflict" } });
    expect(await pauseExportSchedule(at.database, at.owner, paused)).toMatchObject({ ok: false });
  });

  it("is refused a stale edit, pause or deletion", async () => {
    const scheduleId = await schedule();
    const edit = { scheduleId, expectedVersion: 1, plan: plan({ hour: 23 }) };
    expect(await updateExportSchedule(at.database, at.owner, edit)).toEqual({ ok: true, changed: true });
    const stale = { error: { code: "StaleEdit" } };
    expect(await updateExportSchedule(at.database, at.owner, edit)).toMatchObject(stale);
    for (const verb of [pauseExportSchedule, deleteExportSchedule, sendExportNow, resumeExportSchedule])
      expect(await verb(at.database, at.owner, edit)).toMatchObject(stale);
    expect(await updateExportSchedule(at.database, at.owner, { ...edit, expectedVersion: 2 })).toEqual({
      ok: true,
      changed: false,
    });
    expect(await deleteExportSchedule(at.database, at.owner, { scheduleId, expectedVersion: 2 })).toEqual({
      ok: true,
    });
    for (const kind of ["Created", "Updated", "Deleted"])
      expect((await events(`ExportSchedule${kind}`)).some(({ outcome }) => outcome === "Success")).toBe(true);
  });

  it("is refused a plan without recipients or with an impossible day or hour, and an eleventh schedule", async () => {
    const group = await makeGroup(at.database, [auditor.userId]);
    const bad = [
      { recipientIds: [] },
      { recipientIds: [group.id] },
      { recipientIds: [randomUUID()] },
      { hour: 24 },
      { hour: 7.5 },
      { frequency: "Monthly" as const, day: 29 },
      { day: 8 },
      { day: null },
    ];
    for (const more of bad)
      expect(
        await createExportSchedule(at.database, at.owner, {
          resourceId: at.tree.subscription.id,
          plan: plan(more),
        }),
        JSON.stringify(more),
      ).toMatchObject({ error: { code: "InvalidInput" } });
    for (let count = 0; count < exportLimits.atResource; count += 1) await schedule();
    expect(
      await createExportSchedule(at.database, at.owner, {
        resourceId: at.tree.subscription.id,
        plan: plan(),
      }),
    ).toMatchObject({ error: { code: "Conflict" } });
  });
});

it("nobody who may only read schedules, reads or changes an export", async () => {
  const scheduleId = await schedule();
  const input = { scheduleId, expectedVersion: 1 };
  const denied = { ok: false, error: { code: "AuthorizationFailed" } };
  expect(await exportSchedules(at.database, auditor, at.tree.subscription.id)).toBeNull();
  expect(
    await createExportSchedule(at.database, auditor, { resourceId: at.tree.subscription.id, plan: plan() }),
  ).toMatchObject(denied);
  expect(await updateExportSchedule(at.database, auditor, { ...input, plan: plan() })).toMatchObject(denied);
  for (const verb of [pauseExportSchedule, resumeExportSchedule, deleteExportSchedule, sendExportNow])
    expect(await verb(at.database, auditor, input)).toMatchObject(denied);
  const unknown = { ...input, scheduleId: randomUUID() };
  expect(await sendExportNow(at.database, auditor, unknown)).toMatchObject({ error: { code: "NotFound" } });
});
