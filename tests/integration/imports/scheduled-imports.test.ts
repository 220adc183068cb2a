import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ImportSchedulePlan } from "@/lib/domain/gate/import-schedule-plan";
import { importScheduleLimits } from "@/lib/domain/imports/import-schedule";
import { addMinutes } from "@/lib/domain/time/schedule";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { discardImport } from "@/lib/operations/imports/discard-import";
import {
  deleteImportSchedule,
  pauseImportSchedule,
  requestImportRun,
} from "@/lib/operations/imports/hold-import-schedule";
import { importRunsAreDue, runImportSchedules } from "@/lib/operations/imports/run-import-schedules";
import {
  saveImportSchedule,
  saveImportScheduleOperation,
} from "@/lib/operations/imports/save-import-schedule";
import type { Caller } from "@/lib/platform/caller";
import { listImportSchedules } from "@/lib/queries/imports/import-schedules";
import { atOnce, holdLock, oneBesideTheOther } from "../../support/database/held-lock";
import { pastTheRules } from "../../support/factories";
import { roleGivingAccess } from "../../support/gates/eligible";
import { makeImports } from "../../support/imports";
import { eligibilityInstance } from "../../support/pim-answers";

/** Imports that run automatically, from a real folder. */
const clock = { now: new Date("2026-03-02T09:00:00Z") };
let at: Awaited<ReturnType<typeof makeImports>>;
let base: string;
let folder: string;
beforeAll(async () => {
  at = await makeImports(() => clock.now);
  base = await mkdtemp(join(tmpdir(), "postern-schedules-"));
});
afterAll(async () => {
  await at.test.drop();
  await rm(base, { recursive: true, force: true });
});
beforeEach(async () => {
  await at.database.client.importSchedule.deleteMany();
  // After the hours within which removals count together.
  clock.now = addMinutes(clock.now, 2 * 1_440);
  folder = randomUUID();
  await mkdir(join(base, folder));
});

const configured = { folder: true, hosts: ["exports.contoso.example"] };
const plan = (more: Partial<ImportSchedulePlan> = {}): ImportSchedulePlan => ({
  ...{ name: "Azure", source: "Folder", location: folder, everyMinutes: 60 },
  ...{ applies: false, justification: null, capToMaximum: false, removeMembers: false },
  ...{ removalPercent: 5, removals: 50 },
  ...more,
});
const applying = { applies: true, justification: "Follows the directory" };
async function save(
  more: Partial<ImportSchedulePlan> = {},
  by: Caller = at.owner,
  known?: string,
  version = 1,
) {
  const input = { scheduleId: known ?? null, expectedVersion: version, plan: plan(more), configured };
  const proofId = await at.prove(saveImportScheduleOperation(input), by);
  return saveImportSchedule(at.database, by, { ...input, proofId });
}
async function schedule(more: Partial<ImportSchedulePlan> = {}, by: Caller = at.owner) {
  const saved = await save(more, by);
  if (!saved.ok) throw new Error(JSON.stringify(saved.error));
  return saved.scheduleId;
}
const put = (name: string, content: unknown) =>
  writeFile(join(base, folder, name), typeof content === "string" ? content : JSON.stringify(content));
const run = () => runImportSchedules(at.database, { folder: base, hosts: [] });
/** The next scheduled run. */
async function later(minutes = 61) {
  clock.now = addMinutes(clock.now, minutes);
  return run();
}
async function shown() {
  const [first] = (await listImportSchedules(at.database, at.owner)) ?? [];
  if (!first) throw new Error("nothing is scheduled");
  return first;
}
const statusOf = async (importId: string | null) =>
  (await at.database.client.import.findUniqueOrThrow({ where: { id: importId ?? "" } })).status;
const runsOf = async (scheduleId: string) => {
  const events = await at.database.client.auditEvent.findMany({
    where: { kind: { in: ["ImportScheduleRan", "ImportSchedulePaused"] } },
    orderBy: { sequence: "asc" },
  });
  return events.flatMap(({ details }) => {
    const kept = details as Record<string, string>;
    return kept.scheduleId === scheduleId ? [kept.pauseReason ?? kept.told ?? "-"] : [];
  });
};
const user = (name: string, id = randomUUID()) => ({
  ...{ id, displayName: name, userPrincipalName: `${name}.${id}@contoso.example` },
});
const known = (id: string) => at.database.client.principal.count({ where: { externalId: id } });

describe("a scheduled import", () => {
  it("shows what differs and changes nothing; the same content again is no new preview", async () => {
    const [ada, bob] = [user("ada"), user("bob")];
    await put("users.json", [ada]);
    const id = await schedule();
    expect(await importRunsAreDue(at.database)).toBe(true);
    expect(await run()).toBe(1);
    const first = await shown();
    expect(first).toMatchObject({ outcome: "Previewed", runNow: false, nextAt: addMinutes(clock.now, 60) });
    expect(await statusOf(first.importId)).toBe("Staged");
    expect([await known(ada.id), await importRunsAreDue(at.database), await run()]).toEqual([0, false, 0]);

    expect(await later()).toBe(1);
    expect(await shown()).toMatchObject({ outcome: "SameContent", importId: first.importId });
    // Other content with the same differences.
    await put("users.json", ` ${JSON.stringify([ada])}`);
    await later();
    expect(await shown()).toMatchObject({ outcome: "SameContent", importId: first.importId });
    await put("users.json", [ada, bob]);
    await later();
    const second = await shown();
    expect(second.outcome).toBe("Previewed");
    expect(await statusOf(first.importId)).toBe("Discarded");
    expect(await runsOf(id)).toEqual(["Previewed", "Previewed"]);

    await at.applyAll(second.importId ?? "");
    expect([await known(ada.id), await known(bob.id)]).toEqual([1, 1]);
    await put("users.json", [bob, ada]);
    await later();
    expect(await shown()).toMatchObject({ outcome: "NothingToChange", importId: null });
    expect(await runsOf(id)).toEqual(["Previewed", "Previewed"]);
  });

  it("applies by itself what takes no code, and leaves the rest to a person with one", async () => {
    const ada = user("ada");
    const role = await at.protectedRole({ activeMaximumDays: null });
    const assignment = (principalId: string) => ({
      ...{ principalId, principalType: "User", roleDefinitionId: role.id, scope: at.tree.subscription.scope },
    });
    await put("users.json", [ada]);
    // Access for the person in whose name it runs.
    await put("assignments.json", [assignment(at.owner.userId)]);
    const id = await schedule(applying);
    await run();
    const { outcome, importId } = await shown();
    expect(outcome).toBe("Applying");
    await applyImports(at.database);
    expect(await known(ada.id)).toBe(1);
    expect(await at.viewed(importId ?? "")).toMatchObject({
      ...{ status: "Stopped", left: 1 },
      stopReason: expect.stringContaining("need a second factor"),
    });
    expect(await at.database.client.assignment.count({ where: { roleDefinitionId: role.id } })).toBe(0);
    expect(await runsOf(id)).toEqual(["Applying"]);
    const events = await at.database.client.auditEvent.findMany({
      where: { kind: "ImportConfirmed" },
      orderBy: { sequence: "asc" },
    });
    expect(events.at(-1)).toMatchObject({
      ...{ actorId: at.owner.userId, justification: "Follows the directory" },
      details: { unattended: true, scheduleId: id },
    });
    await at.applyAll(importId ?? "", await at.proofFor(importId ?? ""));
    expect(await at.database.client.assignment.count({ where: { roleDefinitionId: role.id } })).toBe(1);
  });

  it("makes nobody eligible by itself for a role that gives access: that waits for a person with a code", async () => {
    const { userId: principalId } = await at.person("Ann Accomplice");
    const givingAccess = await roleGivingAccess(at);
    const harmless = await at.protectedRole({ eligibleMaximumDays: null });
    const row = (roleDefinitionId: string) =>
      eligibilityInstance({
        ...{ principalId, roleDefinitionId, scope: at.tree.subscription.scope },
        endDateTime: addMinutes(clock.now, 20 * 1_440).toISOString(),
      });
    // What takes no code is first: nothing overtakes a row that waits.
    await put("eligible.json", [row(harmless.id), row(givingAccess.id)]);
    await schedule(applying);
    await run();
    const { importId } = await shown();
    await applyImports(at.database);
    const given = () =>
      at.database.client.eligibility.findMany({ where: { principalId }, select: { roleDefinitionId: true } });
    expect(await given()).toEqual([{ roleDefinitionId: harmless.id }]);
    expect(await at.viewed(importId ?? "")).toMatchObject({
      ...{ status: "Stopped", left: 1 },
      stopReason: expect.stringContaining("need a second factor"),
    });
    await at.applyAll(importId ?? "", await at.proofFor(importId ?? ""));
    expect(await given()).toHaveLength(2);
  });

  it("changes by itself nobody's address or external id: that waits for a person with a code", async () => {
    const { client } = at.database;
    const [ada, bob] = [user("ada"), user("bob")];
    await put("users.json", [ada, bob]);
    await schedule(applying);
    await run();
    await applyImports(at.database);
    const byHand = await client.principal.create({
      data: { type: "User", displayName: "Cyd", email: `cyd.${ada.id}@contoso.example` },
    });
    await put("users.json", [
      { ...bob, displayName: "Robert" },
      { ...ada, userPrincipalName: `thief.${ada.id}@contoso.example` },
      { id: `thief-${ada.id}`, displayName: "Cyd", userPrincipalName: byHand.email },
    ]);
    await later();
    const { importId, outcome } = await shown();
    expect(outcome).toBe("Applying");
    await applyImports(at.database);
    const people = async () =>
      (
        await client.principal.findMany({
          where: { OR: [{ externalId: { in: [ada.id, bob.id] } }, { id: byHand.id }] },
          orderBy: { displayName: "asc" },
        })
      ).map(({ displayName, email, externalId }) => ({ displayName, email, externalId }));
    const cyd = { displayName: "Cyd", email: byHand.email };
    const robert = { displayName: "Robert", email: bob.userPrincipalName, externalId: bob.id };
    expect(await people()).toEqual([
      { ...cyd, externalId: null },
      robert,
      { displayName: "ada", email: ada.userPrincipalName, externalId: ada.id },
    ]);
    expect(await at.viewed(importId ?? "")).toMatchObject({ status: "Stopped", left: 2 });
    expect(await at.confirm(importId ?? "")).toMatchObject({ error: { failures: [{ rule: "MfaRule" }] } });

    const proofId = await at.proofFor(importId ?? "");
    await at.applyAll(importId ?? "", proofId);
    expect(await people()).toEqual([
      { ...cyd, externalId: `thief-${ada.id}` },
      robert,
      { displayName: "ada", email: `thief.${ada.id}@contoso.example`, externalId: ada.id },
    ]);
    const changed = await client.auditEvent.findMany({
      where: { kind: "PrincipalUpdated", details: { path: ["importId"], equals: importId ?? "" } },
      orderBy: { sequence: "asc" },
    });
    expect(changed.map((event) => event.proofId)).toEqual([null, proofId, proofId]);
  });

  it("changes by itself no group's name, by which a later list would mean another group", async () => {
    const names = [`Guests ${randomUUID()}`, `Admins ${randomUUID()}`] as const;
    const ids = names.map(() => randomUUID());
    const groups = (given: readonly string[]) =>
      put(
        "groups.json",
        given.map((displayName, index) => ({ id: ids[index], displayName, securityEnabled: true })),
      );
    await groups(names);
    await schedule(applying);
    await run();
    await applyImports(at.database);
    const named = async () => {
      const found = await at.database.client.principal.findMany({ where: { externalId: { in: ids } } });
      return ids.map((id) => found.find(({ externalId }) => externalId === id)?.displayName);
    };
    expect(await named()).toEqual(names);
    // The same name in other case leads to the same group.
    const [guests, admins] = names;
    await groups([guests.toUpperCase(), `Former ${admins}`]);
    await later();
    await applyImports(at.database);
    expect(await named()).toEqual([guests.toUpperCase(), admins]);
    const { importId } = await shown();
    expect(await at.confirm(importId ?? "")).toMatchObject({ error: { failures: [{ rule: "MfaRule" }] } });
    await at.applyAll(importId ?? "", await at.proofFor(importId ?? ""));
    expect(await named()).toEqual([guests.toUpperCase(), `Former ${admins}`]);
  });

  it("applies what it read, whatever stands in the file by then", async () => {
    const [ada, eve] = [user("ada"), user("eve")];
    await put("users.json", [ada]);
    await schedule(applying);
    await run();
    await put("users.json", [eve]);
    await applyImports(at.database);
    expect([await known(ada.id), await known(eve.id)]).toEqual([1, 0]);
  });
});

describe("removals", () => {
  const longAgo = () => addMinutes(clock.now, -2 * 1_440);
  /** An existing group of so many members; the members' ids. */
  async function team(size: number) {
    const id = randomUUID();
    const { client } = at.database;
    const group = await client.principal.create({
      data: { type: "Group", displayName: `Team ${id}`, externalId: id },
    });
    const members = await client.principal.createManyAndReturn({
      data: Array.from({ length: size }, (_, index) => ({
        ...{ type: "User" as const, displayName: `Member ${index}`, externalId: randomUUID() },
        email: `${index}.${id}@contoso.example`,
      })),
    });
    await client.groupMember.createMany({
      data: members.map((member) => ({ groupId: group.id, memberId: member.id, addedAt: longAgo() })),
    });
    const ids = members.map(({ externalId }) => externalId ?? "");
    const list = (kept: readonly string[]) =>
      put("members.csv", `group,member\n${kept.map((each) => `${id},${each}\n`).join("")}`);
    const names = [group.id, id, group.displayName];
    const count = () => client.groupMember.count({ where: { groupId: group.id } });
    return { ids, names, people: members, list, count };
  }

  it("beyond the limit stop the whole run, in percent and in number", async () => {
    const { ids, list, count } = await team(40);
    const ada = user("ada");
    await put("users.json", [ada]);
    await list(ids.slice(3));
    const id = await schedule({ ...applying, removeMembers: true });
    await run();
    await applyImports(at.database);
    const { outcome, importId } = await shown();
    expect(outcome).toBe("OverLimit");
    expect([await count(), await known(ada.id), await statusOf(importId)]).toEqual([40, 0, "Staged"]);
    expect(await runsOf(id)).toEqual(["OverLimit"]);
    // Two of forty are five percent; one more is over the limit.
    await list(ids.slice(2));
    await save({ ...applying, removeMembers: true, removals: 1 }, at.owner, id);
    await run();
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["OverLimit", 40]);
    await save({ ...applying, removeMembers: true, removals: 2 }, at.owner, id, 2);
    await run();
    await applyImports(at.database);
    expect([(await shown()).outcome, await count(), await known(ada.id)]).toEqual(["Applying", 38, 1]);
  });

  it("of several runs and of other schedules within a day count together", async () => {
    const { ids, list, count } = await team(40);
    await list(ids.slice(2));
    await schedule({ ...applying, removeMembers: true });
    await run();
    await applyImports(at.database);
    expect(await count()).toBe(38);
    await list(ids.slice(3));
    await later();
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["OverLimit", 38]);
    await at.database.client.importSchedule.deleteMany();
    await schedule({ ...applying, removeMembers: true });
    await run();
    expect((await shown()).outcome).toBe("OverLimit");
    await later();
    expect((await shown()).outcome).toBe("OverLimit");
    // The same content, when a day has passed.
    await later(1_441);
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["Applying", 37]);
  });

  it("count against the members that there are, by however many names the file calls one", async () => {
    const { names, people, count } = await team(10);
    const kept = people.slice(3).flatMap((person) => [person.id, person.externalId, person.email]);
    const lines = kept.flatMap((member) => names.map((group) => `${group},${member}\n`));
    await put("members.csv", `group,member\n${lines.join("")}`);
    await schedule({ ...applying, removeMembers: true });
    await run();
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["OverLimit", 10]);
  });

  it("count against no member whom this run or one within a day adds", async () => {
    const { ids, list, count } = await team(40);
    const more = await team(60);
    // More members of the same group in one run, and then in an earlier one.
    await list([...ids.slice(3), ...more.ids]);
    const id = await schedule({ ...applying, removeMembers: true });
    await run();
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["OverLimit", 40]);
    await list([...ids, ...more.ids]);
    await later();
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["Applying", 100]);
    await list([...ids.slice(3), ...more.ids]);
    await later();
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["OverLimit", 100]);
    await later(1_441);
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["Applying", 97]);
    expect(await runsOf(id)).toEqual(["OverLimit", "Applying", "OverLimit", "Applying"]);
  });

  it("that were applied still count once what was left of that import is discarded", async () => {
    const { ids, list, count } = await team(40);
    const role = await at.protectedRole({ activeMaximumDays: null });
    // Waits for a code, so the import stops after the removals.
    await put("assignments.json", [
      {
        ...{ principalId: at.owner.userId, principalType: "User", roleDefinitionId: role.id },
        scope: at.tree.subscription.scope,
      },
    ]);
    await list(ids.slice(2));
    await schedule({ ...applying, removeMembers: true });
    await run();
    await applyImports(at.database);
    const { importId } = await shown();
    expect([await statusOf(importId), await count()]).toEqual(["Applying", 38]);
    expect(await discardImport(at.database, at.owner, importId ?? "")).toMatchObject({ ok: true });
    await list(ids.slice(3));
    await later();
    await applyImports(at.database);
    expect([(await shown()).outcome, await count()]).toEqual(["OverLimit", 38]);
  });

  it("of two that end at once count together", async () => {
    const { ids, list, count } = await team(40);
    await list(ids.slice(2));
    await schedule({ ...applying, removeMembers: true });
    folder = randomUUID();
    await mkdir(join(base, folder));
    // The same group, and two others: each run alone is within the limit.
    await list([...ids.slice(0, 2), ...ids.slice(4)]);
    await schedule({ ...applying, name: "Another", removeMembers: true });
    // Both have read and judged, and are about to store their results.
    expect(await atOnce(at.test, [run, run], "imports")).toEqual([1, 1]);
    await applyImports(at.database);
    expect(await count()).toBe(38);
  });
});

describe("a run that fails", () => {
  it("changes nothing, notifies once until it recovers, and pauses itself when it fails on", async () => {
    const id = await schedule(applying);
    const ada = user("ada");
    await put("users.json", JSON.stringify([ada]).slice(0, -5));
    await run();
    expect(await shown()).toMatchObject({
      outcome: "Failed",
      message: expect.stringContaining("users.json"),
    });
    await later();
    expect(await runsOf(id)).toEqual(["Failed", "-"]);
    await put("users.json", [ada]);
    await later();
    await applyImports(at.database);
    expect([(await shown()).message, await known(ada.id)]).toEqual([null, 1]);
    await rm(join(base, folder), { recursive: true });
    for (let times = 0; times < importScheduleLimits.failures; times += 1) await later();
    expect(await shown()).toMatchObject({ pauseReason: "Failed", outcome: "Failed" });
    expect(await runsOf(id)).toEqual(["Failed", "-", "Applying", "Failed", "-", "-", "-", "-", "Failed"]);
    expect(await later()).toBe(0);
    await mkdir(join(base, folder));
    await put("users.json", [ada, user("bob")]);
    expect(await save(applying, at.owner, id, (await shown()).version)).toMatchObject({ changed: true });
    await run();
    expect(await shown()).toMatchObject({ pauseReason: null, outcome: "Applying" });
  });

  it("because its worker ended is begun again by another after its lease, and counts", async () => {
    await put("users.json", [user("ada")]);
    const id = await schedule();
    await at.database.client.importSchedule.update({
      where: { id },
      data: { runId: randomUUID(), leasedUntil: addMinutes(clock.now, 10), failures: 3 },
    });
    expect([await importRunsAreDue(at.database), await run()]).toEqual([false, 0]);
    clock.now = addMinutes(clock.now, 11);
    expect(await run()).toBe(1);
    expect((await shown()).outcome).toBe("Previewed");
    await at.database.client.importSchedule.update({
      where: { id },
      data: { runId: randomUUID(), leasedUntil: clock.now, failures: 4, runNow: true },
    });
    expect(await later()).toBe(0);
    expect((await shown()).pauseReason).toBe("Failed");
  });
});

describe("whose rights it has", () => {
  it("those of its administrator now: who lost the right or is disabled runs nothing more", async () => {
    const manager = await at.peopleManager();
    await put("users.json", [user("ada")]);
    const id = await schedule(applying, manager.caller);
    await run();
    expect((await shown()).outcome).toBe("Applying");
    await put("users.json", [user("bob")]);
    await pastTheRules(at.database, (to) =>
      to.assignment.update({
        where: { id: manager.assignment.id },
        data: { endsAt: clock.now, removedAt: clock.now },
      }),
    );
    // Confirmed rows are judged by the present rights as well.
    await applyImports(at.database);
    expect(await later()).toBe(0);
    expect(await shown()).toMatchObject({ pauseReason: "RightLost" });
    expect(await runsOf(id)).toEqual(["Applying", "RightLost"]);
  });

  it("those of whoever edited it last: nobody points another's import at a source of their own", async () => {
    await put("users.json", [user("ada")]);
    const id = await schedule(applying);
    const { caller } = await at.peopleManager();
    expect(await save(applying, caller, id)).toMatchObject({ ok: true, changed: true });
    await run();
    const { importId, administrator } = await shown();
    expect(administrator.id).toBe(caller.userId);
    const found = await at.database.client.import.findUniqueOrThrow({ where: { id: importId ?? "" } });
    expect(found).toMatchObject({ createdById: caller.userId, confirmedById: caller.userId });
  });

  it("takes a code for exactly this source, and the right to import", async () => {
    const input = { scheduleId: null, expectedVersion: 0, plan: plan(), configured };
    const without = await saveImportSchedule(at.database, at.owner, { ...input, proofId: null });
    expect(without).toMatchObject({ error: { code: "RoleAssignmentRequestPolicyValidationFailed" } });
    const proofId = await at.prove(saveImportScheduleOperation(input));
    const other = { ...input, plan: plan({ location: `${folder}/other` }), proofId };
    expect(await saveImportSchedule(at.database, at.owner, other)).toMatchObject({ ok: false });
    const nobody = await at.person("Nobody");
    expect(await saveImportSchedule(at.database, nobody, { ...input, proofId: null })).toMatchObject({
      error: { code: "NotFound" },
    });
    expect(await listImportSchedules(at.database, nobody)).toBeNull();
    expect(await at.database.client.importSchedule.count()).toBe(0);
  });

  it.each([
    [{ location: "../etc" }, "location"],
    [{ source: "Address" as const, location: "http://exports.contoso.example/" }, "location"],
    [{ source: "Address" as const, location: "https://169.254.169.254/" }, "location"],
    [{ name: " " }, "name"],
    [{ everyMinutes: 1 }, "everyMinutes"],
    [{ removalPercent: 101 }, "removalPercent"],
    [{ removals: -1 }, "removals"],
    [{ applies: true }, "justification"],
  ])("refuses a plan that makes no sense: %j", async (more, field) => {
    expect(await save(more)).toMatchObject({ error: { code: "InvalidInput", faults: [{ field }] } });
  });
});

describe("at the same time", () => {
  it("two workers run it once", async () => {
    await put("users.json", [user("ada")]);
    await schedule();
    const [first, second] = await oneBesideTheOther(at.test, run, run);
    expect([first, second]).toEqual([1, 0]);
    const { importId } = await shown();
    expect(await at.database.client.import.count({ where: { scheduleId: (await shown()).id } })).toBe(1);
    expect(await statusOf(importId)).toBe("Staged");
  });

  it("what is edited, paused or deleted while it runs leaves nothing of the run", async () => {
    const ada = user("ada");
    for (const change of ["edit", "pause", "delete"] as const) {
      await put("users.json", [ada]);
      const id = await schedule(applying);
      // The run has finished reading when it waits to store its result.
      const lock = await holdLock(at.test, "LOCK TABLE imports IN EXCLUSIVE MODE", []).catch(() => null);
      if (!lock) throw new Error("the table is not held");
      const running = run();
      await lock.waitedFor();
      const input = { scheduleId: id, expectedVersion: 1 };
      if (change === "edit") await save({ ...applying, location: `${folder}/other` }, at.owner, id);
      else if (change === "pause") await pauseImportSchedule(at.database, at.owner, input);
      else await deleteImportSchedule(at.database, at.owner, input);
      await lock.release();
      await running;
      expect(await at.database.client.import.count({ where: { scheduleId: id } })).toBe(0);
      await applyImports(at.database);
      expect(await known(ada.id)).toBe(0);
      await at.database.client.importSchedule.deleteMany();
    }
  });

  it("an edit of what somebody else has changed is refused, and asking for runs has a limit", async () => {
    await put("users.json", [user("ada")]);
    const id = await schedule();
    const input = { scheduleId: id, expectedVersion: 1 };
    expect(await pauseImportSchedule(at.database, at.owner, input)).toMatchObject({ ok: true });
    expect(await save({ name: "Other" }, at.owner, id)).toMatchObject({ error: { code: "StaleEdit" } });
    const paused = { scheduleId: id, expectedVersion: 2 };
    expect(await requestImportRun(at.database, at.owner, paused)).toMatchObject({
      error: { code: "Conflict" },
    });
    await save({}, at.owner, id, 2);
    await run();
    const resumed = { scheduleId: id, expectedVersion: 3 };
    expect(await requestImportRun(at.database, at.owner, resumed)).toMatchObject({ ok: true });
    expect(await run()).toBe(1);
    expect((await shown()).outcome).toBe("Previewed");
    expect(await requestImportRun(at.database, at.owner, resumed)).toMatchObject({ ok: false });
  });
});
