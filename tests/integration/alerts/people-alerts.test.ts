import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtInSetting } from "@/lib/domain/alerts/alert-setting";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { changeAlertSettings } from "../../support/alert-settings";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeOwnerRole, makeRole, makeTree, makeUser } from "../../support/factories";

const start = new Date("2026-04-20T09:00:00Z");
const clock = { now: start };
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let owner: Caller;
let reader: string;

beforeEach(async () => {
  clock.now = start;
  test = await createTestDatabase({ clock: () => clock.now });
  tree = await makeTree(test.database);
  await makeOwnerRole(test.database);
  const user = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", user.id, ownerRoleId, tree.root.id);
  owner = await makeCaller(test.database, user);
  reader = (await makeRole(test.database, "Reader", { actions: ["*/read"] })).id;
});
afterEach(() => test.drop());

/** The open alerts of a kind after one more scan, by the names of whom they are about. */
async function scanned(kind: "StaleAccount" | "ActivatesOften") {
  clock.now = addMinutes(clock.now, 5);
  await scanAlerts(test.database);
  const rows = await test.database.client.alert.findMany({
    where: { kind, resolvedAt: null },
    include: { principal: true },
    orderBy: { principal: { displayName: "asc" } },
  });
  return rows.map(({ principal, details }) => ({ name: principal?.displayName, ...Object(details) }));
}

describe("an account that nobody uses", () => {
  it("is an alert while it has access, of its own or through a group, and until it signs in", async () => {
    const { database } = test;
    const place = tree.subscription.id;
    const [ida, gus, nobody] = [
      await makeUser(database, "Ida Idle"),
      await makeUser(database, "Gus Group"),
      await makeUser(database, "Nora Nothing"),
    ];
    const group = await database.client.principal.create({
      data: { type: "Group", displayName: "Operators" },
      select: { id: true },
    });
    await test.asOwner("INSERT INTO group_members (group_id, member_id) VALUES ($1, $2)", [group.id, gus.id]);
    await test.asOwner("UPDATE principals SET created_at = $1", [start]);
    await grant(database, "eligible", ida.id, reader, place, { endsAt: addDays(start, 900) });
    await grant(database, "active", ida.id, reader, tree.root.id, { endsAt: addDays(start, 900) });
    await grant(database, "active", group.id, reader, place, { endsAt: addDays(start, 900) });
    expect(await scanned("StaleAccount")).toEqual([]);
    clock.now = addDays(start, 121);
    await test.asOwner("UPDATE sessions SET last_seen_at = $1 WHERE user_id = $2", [clock.now, owner.userId]);
    expect(await scanned("StaleAccount")).toMatchObject([
      { name: "Gus Group", seen: "Never", eligible: 0, active: 1, days: 121 },
      { name: "Ida Idle", seen: "Never", eligible: 1, active: 1 },
    ]);
    await makeCaller(database, ida);
    await test.asOwner("UPDATE sessions SET last_seen_at = $1 WHERE user_id = $2", [clock.now, ida.id]);
    await test.asOwner("UPDATE principals SET disabled_at = $1 WHERE id = $2", [clock.now, gus.id]);
    expect(await scanned("StaleAccount")).toEqual([]);
    expect(await test.database.client.alert.count({ where: { principalId: nobody.id } })).toBe(0);
  });

  it("counts from the days that the root chose", async () => {
    const ida = await makeUser(test.database, "Ida Idle");
    await test.asOwner("UPDATE principals SET created_at = $1", [start]);
    await grant(test.database, "eligible", ida.id, reader, tree.subscription.id, {
      endsAt: addDays(start, 900),
    });
    clock.now = addDays(start, 60);
    await test.asOwner("UPDATE sessions SET last_seen_at = $1 WHERE user_id = $2", [clock.now, owner.userId]);
    expect(await scanned("StaleAccount")).toEqual([]);
    const shown = builtInSetting("StaleAccount");
    const choice = { ...shown, kind: "StaleAccount" as const, threshold: 30 };
    const input = { resourceId: tree.root.id, choices: [{ ...choice, shown }], timeZone: null };
    expect(await changeAlertSettings(test.database, owner, input)).toMatchObject({ ok: true });
    expect(await scanned("StaleAccount")).toMatchObject([{ name: "Ida Idle", days: 60 }]);
  });
});

describe("somebody who activates unusually often", () => {
  /** Activations and extensions of somebody, so many at a moment. */
  async function activated(person: { id: string; displayName: string }, when: Date, count: number) {
    const before = clock.now;
    clock.now = when;
    const resource = await test.database.client.resource.findUniqueOrThrow({ where: { id: tree.root.id } });
    await inTransaction(test.database, (transaction) =>
      recordAuditEvents(
        transaction,
        Array.from({ length: count }, (_, each) => ({
          kind: each % 3 === 2 ? ("ActivationExtended" as const) : ("RoleActivated" as const),
          outcome: "Success" as const,
          target: person,
          resource,
        })),
      ),
    );
    clock.now = before;
  }

  it("is an alert, extensions included, and others who do as usual are not", async () => {
    const busy = await makeUser(test.database, "Bea Busy");
    const steady = await makeUser(test.database, "Stefan Steady");
    for (let week = 1; week <= 8; week += 1) {
      await activated(busy, addDays(start, -7 * week - 3), 2);
      await activated(steady, addDays(start, -7 * week - 3), 18);
    }
    await activated(busy, addDays(start, -1), 15);
    await activated(steady, addDays(start, -1), 18);
    for (let each = 0; each < 5; each += 1)
      await activated(await makeUser(test.database), addDays(start, -2), 4);
    expect(await scanned("ActivatesOften")).toMatchObject([
      { name: "Bea Busy", count: 15, extended: 5, usual: 4 },
    ]);
    clock.now = addDays(start, 7);
    expect(await scanned("ActivatesOften")).toEqual([]);
  });

  it("is not judged below the threshold, nor without anything to compare with", async () => {
    const calm = await makeUser(test.database, "Carl Calm");
    for (let week = 1; week <= 8; week += 1) await activated(calm, addDays(start, -7 * week - 3), 1);
    await activated(calm, addDays(start, -1), 14);
    await activated(await makeUser(test.database, "Nick New"), addDays(start, -1), 40);
    expect(await scanned("ActivatesOften")).toEqual([]);
  });
});
