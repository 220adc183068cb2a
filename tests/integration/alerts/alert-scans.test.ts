import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { timeZones } from "@/lib/domain/time/time-zone";
import { fixAlert } from "@/lib/operations/alerts/fix-alert";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import {
  updateOrganisation,
  updateOrganisationOperation,
} from "@/lib/operations/notifications/update-organisation";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { inTransaction } from "@/lib/platform/transaction";
import { organisationFor } from "@/lib/queries/notifications/organisation";
import { raiseNothingOfFactors } from "../../support/alert-settings";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { holdLog, ownLocks } from "../../support/database/held-lock";
import {
  becomeOwner,
  grant,
  makeCaller,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const start = new Date("2026-04-20T09:00:00Z");
const clock = { now: start };
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

/** Scans once more, a few minutes later. */
function scanAgain(atOnce?: number) {
  clock.now = addMinutes(clock.now, 5);
  return scanAlerts(test.database, atOnce);
}

const openOf = (kind: "EligibleNeverActivates" | "UnusualActivation" | "ActivationWithoutMfa") =>
  test.database.client.alert.findMany({ where: { kind, resolvedAt: null }, orderBy: { id: "asc" } });

describe("a scan that handles few findings at once", () => {
  async function unused(count: number) {
    const role = await makeRole(test.database, "Reader", { actions: ["*/read"] });
    const granted = [];
    for (let each = 0; each < count; each += 1) {
      const person = await makeUser(test.database, `Unused ${each}`);
      granted.push(
        await grant(test.database, "eligible", person.id, role.id, tree.subscription.id, {
          startsAt: addDays(start, -60),
        }),
      );
    }
    return granted;
  }

  it("raises the next ones each time, until all are raised, once each", async () => {
    await unused(8);
    for (const [raised, open] of [
      [3, 3],
      [3, 6],
      [2, 8],
      [0, 8],
      [0, 8],
    ]) {
      expect(await scanAgain(3)).toEqual({ raised, resolved: 0 });
      expect(await openOf("EligibleNeverActivates")).toHaveLength(open ?? 0);
    }
    expect(await test.database.client.alert.count({ where: { kind: "EligibleNeverActivates" } })).toBe(8);
  });

  it("that two workers make at once is made one after the other, and raises everything once", async () => {
    await unused(3);
    const log = await holdLog(test);
    const first = scanAlerts(test.database);
    await log.waitedFor(1);
    const second = scanAlerts(test.database);
    await log.waitedBehind();
    // The second scan waits before it looks, and does not look again: neither for the rows of the first, nor
    // from the beginning.
    const { rows } = await test.asOwner(
      `SELECT objid::int AS lock FROM ${ownLocks} WHERE locktype = 'advisory' AND NOT granted`,
    );
    await log.release();
    expect(rows).toEqual([{ lock: advisoryLocks.alertScan }]);
    expect(await Promise.all([first, second])).toEqual([
      { raised: 3, resolved: 0 },
      { raised: 0, resolved: 0 },
    ]);
    expect(await openOf("EligibleNeverActivates")).toHaveLength(3);
  });

  it("resolves what is gone though there are more, and raises nothing of it again", async () => {
    const granted = await unused(8);
    for (let round = 0; round < 3; round += 1) await scanAgain(3);
    const gone = granted.slice(2, 5).map((each) => each.id);
    await pastTheRules(test.database, (to) =>
      to.eligibility.updateMany({
        where: { id: { in: gone } },
        data: { endsAt: clock.now },
      }),
    );
    let resolved = 0;
    for (let round = 0; round < 5; round += 1) {
      const scan = await scanAgain(3);
      expect(scan.raised).toBe(0);
      resolved += scan.resolved;
    }
    expect(resolved).toBe(3);
    const left = (await openOf("EligibleNeverActivates")).map((alert) => alert.eligibilityId);
    expect(left.sort()).toEqual(
      granted
        .map((each) => each.id)
        .filter((id) => !gone.includes(id))
        .sort(),
    );
  });

  it("puts what is new before what it knows, and lets nothing that is fine stand in the way", async () => {
    const { client } = test.database;
    const harmless = await Promise.all(
      Array.from({ length: 4 }, (_, each) =>
        makeRole(test.database, `Harmless ${each}`, { actions: ["a/read"] }),
      ),
    );
    const giver = await makeRole(test.database, "Giver", { actions: ["Microsoft.Authorization/*"] });
    await client.roleManagementPolicy.createMany({
      data: [...harmless, giver].map((role) => ({
        roleDefinitionId: role.id,
        resourceId: tree.subscription.id,
        activationRequiresMfa: false,
      })),
    });
    await scanAgain(2);
    expect(await openOf("ActivationWithoutMfa")).toHaveLength(1);
    await unused(3);
    for (let round = 0; round < 3; round += 1) await scanAgain(2);
    const [late] = await unused(1);
    expect(await scanAgain(2)).toMatchObject({ raised: 1 });
    expect((await openOf("EligibleNeverActivates")).at(-1)?.eligibilityId).toBe(late?.id);
  });
});

describe("activations outside someone's usual hours", () => {
  async function person(name: string) {
    const { database } = test;
    const role = await makeRole(database, "Nightly", { actions: ["x/z"] });
    const user = await makeUser(database, name);
    const caller = await makeCaller(database, user);
    const startsAt = addDays(start, -80);
    const eligibility = await grant(database, "eligible", user.id, role.id, tree.subscription.id, {
      startsAt,
    });
    const activate = async (at: Date, minutes = 30) => {
      const before = clock.now;
      clock.now = at;
      await inTransaction(database, async (transaction) => {
        await becomeOwner(transaction);
        const assignment = await transaction.assignment.create({
          data: {
            principalId: user.id,
            roleDefinitionId: role.id,
            resourceId: tree.subscription.id,
            assignmentType: "Activated",
            eligibilityId: eligibility.id,
            startsAt: at,
            endsAt: addMinutes(at, minutes),
          },
        });
        await recordAuditEvents(transaction, [
          {
            kind: "RoleActivated",
            outcome: "Success",
            role,
            resource: tree.subscription,
            caller,
            assignmentId: assignment.id,
          },
        ]);
      });
      clock.now = before;
    };
    /** Each day at one hour in UTC, while Berlin had winter time. */
    const habit = async (hour: number) => {
      for (let day = 1; day <= 12; day += 1)
        await activate(
          new Date(`2026-03-${String(day + 9).padStart(2, "0")}T${String(hour).padStart(2, "0")}:15:00Z`),
        );
    };
    /** The event of an extension of somebody's last activation. */
    const extend = async (from: string, by = caller) => {
      const assignment = await database.client.assignment.findFirstOrThrow({
        where: { principalId: user.id },
        orderBy: { startsAt: "desc" },
      });
      await inTransaction(database, (transaction) =>
        recordAuditEvents(transaction, [
          {
            ...{ kind: "ActivationExtended", outcome: "Success", role, resource: tree.subscription },
            ...{ caller: { ...by, ipAddress: from }, target: user, assignmentId: assignment.id },
          },
        ]),
      );
    };
    return { user, activate, habit, extend };
  }

  const set = async (timeZone: string) => {
    const now = await organisationFor(test.database, owner);
    if (!now) throw new Error("the owner sees no settings of the organisation");
    const input = { ...now, expectedVersion: now.version, timeZone };
    const proofId = await makeProof(test.database, owner, updateOrganisationOperation(input));
    return updateOrganisation(test.database, owner, { ...input, proofId });
  };
  const reasons = async () =>
    (await openOf("UnusualActivation")).map(({ details }) =>
      typeof details === "object" && details !== null && "reasons" in details ? details.reasons : null,
    );

  it("are judged by the organisation's clock, summer time included, and anew when the zone is changed", async () => {
    const { activate, habit } = await person("Berta Berlin");
    // At eight in the morning in winter, and at eleven in summer: two hours apart in UTC, three in local time.
    await habit(7);
    await activate(new Date("2026-04-19T09:15:00Z"));
    await scanAgain();
    expect(await reasons()).toEqual([]);
    expect(await set("Europe/Berlin")).toMatchObject({ ok: true });
    await scanAgain();
    expect(await reasons()).toEqual(["at 11:00 (Europe/Berlin), outside their usual hours"]);
    expect(await set("UTC")).toMatchObject({ ok: true });
    expect(await scanAgain()).toMatchObject({ resolved: 1 });
    await set("Europe/Berlin");
    await scanAgain();
    expect(await reasons()).toHaveLength(1);
  });

  it("are not those that are extended late, but extended from an address nobody knows of them", async () => {
    const { habit, extend, user } = await person("Late Larry");
    await habit(9);
    clock.now = new Date("2026-04-19T03:30:00Z");
    await extend("192.0.2.7");
    // The approver of an extension is at another address.
    await extend("203.0.113.7", await makeCaller(test.database, await makeUser(test.database, "Anna")));
    await scanAgain();
    expect(await reasons()).toEqual([]);
    await extend("203.0.113.9");
    await scanAgain();
    const [alert, ...others] = await openOf("UnusualActivation");
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      principalId: user.id,
      details: { how: "Extended", reasons: "from an address they had not used before (203.0.113.9)" },
    });
  });

  it("are all judged in their turn, each once, and forgotten after seven days", async () => {
    const { activate, habit, user } = await person("Nina Night");
    await habit(9);
    for (let hour = 0; hour < 5; hour += 1) await activate(new Date(`2026-04-19T0${hour}:30:00Z`));
    // Usual activations do not keep the scan from finding unusual ones.
    const other = await person("Rita Routine");
    await other.habit(9);
    for (let minute = 10; minute < 22; minute += 1)
      await other.activate(new Date(`2026-04-19T09:${minute}:00Z`), 1);
    await activate(new Date("2026-04-19T20:00:00Z"));
    let raised = 0;
    for (let round = 0; round < 12; round += 1) raised += (await scanAgain(2)).raised;
    const open = await openOf("UnusualActivation");
    expect(open).toHaveLength(raised);
    expect(new Set(open.map((alert) => alert.subject)).size).toBe(open.length);
    expect(open.every((alert) => alert.principalId === user.id)).toBe(true);
    expect(open.some(({ details }) => JSON.stringify(details).includes("at 20:00 UTC"))).toBe(true);

    clock.now = addDays(start, 8);
    for (let round = 0; round < 8; round += 1) await scanAgain(2);
    expect(await openOf("UnusualActivation")).toEqual([]);
  });

  it("are not raised again once the alert's button has ended them", async () => {
    const { activate, habit } = await person("Nina Night");
    await habit(9);
    await activate(addMinutes(start, -1));
    await set("Asia/Tokyo");
    await set("UTC");
    await activate(addMinutes(start, 12 * 60));
    clock.now = addMinutes(start, 12 * 60 + 1);
    expect(await scanAlerts(test.database)).toMatchObject({ raised: 1 });
    const [alert] = await openOf("UnusualActivation");
    expect(await fixAlert(test.database, owner, { alertId: alert?.id ?? "" })).toMatchObject({ ok: true });
    clock.now = addMinutes(clock.now, 1);
    expect(await scanAlerts(test.database)).toMatchObject({ raised: 0 });
  });
});

it("every zone that can be chosen is one that the database knows", async () => {
  const unknown = await inTransaction(
    test.database,
    (transaction) => transaction.$queryRaw<{ name: string }[]>`
      SELECT name FROM unnest(${[...timeZones]}::text[]) AS offered (name)
      WHERE name NOT IN (SELECT name FROM pg_timezone_names)`,
  );
  expect(unknown).toEqual([]);
  expect(timeZones.length).toBeGreaterThan(300);
});
