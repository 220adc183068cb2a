import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { askForScan } from "@/lib/operations/alerts/ask-for-scan";
import { scanAlerts, scanIsDue } from "@/lib/operations/alerts/scan-alerts";
import type { Caller } from "@/lib/platform/caller";
import { type AlertFilter, listAlerts } from "@/lib/queries/alerts/alerts";
import { highestOpen } from "@/lib/queries/alerts/open-alerts";
import { raiseNothingOfFactors } from "../../support/alert-settings";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { allBehind, holdLock } from "../../support/database/held-lock";
import { grant, makeCaller, makeOwnerRole, makeRole, makeTree, makeUser } from "../../support/factories";

const start = new Date("2026-04-20T09:00:00Z");
const clock = { now: start };
const everything: AlertFilter = { state: "open", kind: null, after: null };
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let owner: Caller;

beforeEach(async () => {
  clock.now = start;
  test = await createTestDatabase({ clock: () => clock.now });
  tree = await makeTree(test.database);
  await raiseNothingOfFactors(test.database, tree.root.id);
  await makeOwnerRole(test.database);
  const user = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", user.id, ownerRoleId, tree.root.id);
  owner = await makeCaller(test.database, user);
});
afterEach(() => test.drop());

const ask = (by = owner) => askForScan(test.database, by, { resourceId: tree.subscription.id });
const shown = () => listAlerts(test.database, owner, tree.subscription.id, everything);

describe("an administrator who scans for alerts now", () => {
  it("is shown that it runs, and when it was done", async () => {
    expect(await shown()).toMatchObject({ scannedAt: null, scanning: false });
    expect(await scanIsDue(test.database)).toBe(false);
    expect(await ask()).toEqual({ ok: true, asked: true });
    expect(await scanIsDue(test.database)).toBe(true);
    expect(await shown()).toMatchObject({ scannedAt: null, scanning: true });
    clock.now = addMinutes(start, 2);
    await scanAlerts(test.database);
    expect(await scanIsDue(test.database)).toBe(false);
    expect(await shown()).toMatchObject({ scannedAt: clock.now, scanning: false });
    const [event] = await test.database.client.auditEvent.findMany({ where: { kind: "AlertScanRequested" } });
    expect(event).toMatchObject({
      outcome: "Success",
      actorId: owner.userId,
      resourceId: tree.subscription.id,
    });
  });

  it("does so once a minute, whoever asks, and not while one is under way", async () => {
    expect(await ask()).toMatchObject({ ok: true });
    expect(await ask()).toMatchObject({ ok: false, error: { code: "Conflict" } });
    await scanAlerts(test.database);
    clock.now = addMinutes(start, 0.5);
    expect(await ask()).toMatchObject({ ok: false, error: { code: "Conflict" } });
    clock.now = addMinutes(start, 1);
    expect(await ask()).toMatchObject({ ok: true });
  });

  it("may write alerts there, and is refused otherwise", async () => {
    const reader = await makeRole(test.database, "Reader", { actions: ["*/read"] });
    const auditor = await makeUser(test.database, "Rea Reader");
    await grant(test.database, "active", auditor.id, reader.id, tree.root.id);
    const result = await ask(await makeCaller(test.database, auditor));
    expect(result).toMatchObject({ ok: false, error: { code: "AuthorizationFailed" } });
    expect(await scanIsDue(test.database)).toBe(false);
  });

  it("at the same moment as another: one scan is asked for", async () => {
    const held = await holdLock(test, "SELECT id FROM alert_scan_state FOR UPDATE", []);
    const results = await allBehind(held, [() => ask(), () => ask()]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(
      await test.database.client.auditEvent.count({
        where: { kind: "AlertScanRequested", outcome: "Success" },
      }),
    ).toBe(1);
  });

  it("while a scan looks already: gets another one, which sees what changed meanwhile", async () => {
    const log = await holdLock(test, "LOCK TABLE alerts IN SHARE ROW EXCLUSIVE MODE", []);
    const scan = scanAlerts(test.database);
    await log.waitedFor();
    await test.asOwner(
      "UPDATE alert_scan_state SET wanted = true, asked_at = postern_now() + interval '1 second'",
    );
    await log.release();
    await scan;
    expect(await scanIsDue(test.database)).toBe(true);
    await scanAlerts(test.database);
    expect(await scanIsDue(test.database)).toBe(false);
  });

  it("may scan again when one was interrupted, ten minutes later", async () => {
    await test.asOwner("UPDATE alert_scan_state SET started_at = $1", [start]);
    expect(await shown()).toMatchObject({ scanning: true });
    clock.now = addMinutes(start, 11);
    expect(await shown()).toMatchObject({ scanning: false });
    expect(await ask()).toMatchObject({ ok: true });
  });
});

describe("the badge of open alerts", () => {
  it("counts those of the highest severity, here and below, for whoever may read alerts", async () => {
    const place = tree.subscription;
    expect(await highestOpen(test.database, owner, place)).toBeNull();
    const role = await makeRole(test.database, "Reader", { actions: ["*/read"] });
    for (const name of ["Una Unused", "Ulf Unused"]) {
      const member = await makeUser(test.database, name);
      await grant(test.database, "eligible", member.id, role.id, place.id, { startsAt: addDays(start, -60) });
    }
    await scanAlerts(test.database);
    expect(await highestOpen(test.database, owner, place)).toEqual({ severity: "Low", count: 2 });
    const twin = await makeUser(test.database, "Paul Permanent");
    await grant(test.database, "active", twin.id, ownerRoleId, place.id);
    const third = await makeUser(test.database, "Pia Permanent");
    await grant(test.database, "active", third.id, ownerRoleId, place.id);
    clock.now = addMinutes(start, 5);
    await scanAlerts(test.database);
    expect(await highestOpen(test.database, owner, place)).toEqual({ severity: "High", count: 1 });
    expect(await highestOpen(test.database, owner, tree.root)).toEqual({ severity: "High", count: 1 });
    const stranger = await makeCaller(test.database, await makeUser(test.database, "Sam Stranger"));
    expect(await highestOpen(test.database, stranger, place)).toBeNull();
  });
});
