import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AlertSetting, builtInSetting } from "@/lib/domain/alerts/alert-setting";
import type { AlertKind } from "@/lib/domain/alerts/alerts";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addMinutes } from "@/lib/domain/time/schedule";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import {
  updateAlertSettings,
  updateAlertSettingsOperation,
} from "@/lib/operations/alerts/update-alert-settings";
import type { Caller } from "@/lib/platform/caller";
import { changeAlertSettings } from "../../support/alert-settings";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
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
  await makeOwnerRole(test.database);
  const user = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", user.id, ownerRoleId, tree.root.id);
  owner = await makeCaller(test.database, user);
});
afterEach(() => test.drop());

/** A choice on top of the built-in settings, or of those that were shown. */
function choice(kind: AlertKind, chosen: Partial<AlertSetting>, shown = builtInSetting(kind)) {
  return { ...shown, ...chosen, kind, shown };
}
const inputOf = (...choices: ReturnType<typeof choice>[]) => ({
  resourceId: tree.subscription.id,
  choices,
});

/** The texts of the open alerts of a kind after one more scan. */
async function scanned(kind: AlertKind) {
  clock.now = addMinutes(clock.now, 5);
  await scanAlerts(test.database);
  const where = { kind, resolvedAt: null, resourceId: tree.subscription.id };
  return (await test.database.client.alert.findMany({ where })).map(({ details }) => details);
}

describe("too many Owners", () => {
  /** Four Owners of the subscription, one of them a group, and so many readers. */
  async function ownersAmong(readers: number) {
    const { database } = test;
    const place = tree.subscription.id;
    const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
    for (const name of ["One", "Two"])
      await grant(database, "eligible", (await makeUser(database, name)).id, ownerRoleId, place);
    await grant(database, "active", (await makeUser(database, "Three")).id, ownerRoleId, place);
    const group = await makeGroup(database, [owner.userId], "Four");
    await grant(database, "active", group.id, ownerRoleId, place);
    for (let each = 0; each < readers; each += 1)
      await grant(database, "eligible", (await makeUser(database)).id, reader.id, place);
    await grant(database, "active", group.id, reader.id, place);
    // Who has a role elsewhere, or had one here, is none of them.
    const other = await makeUser(database);
    const past = { startsAt: addMinutes(start, -60), endsAt: addMinutes(start, -30) };
    for (const kind of ["active", "eligible"] as const) {
      await grant(database, kind, other.id, reader.id, tree.group.id);
      await grant(database, kind, other.id, reader.id, place, past);
    }
  }

  it("are an alert from a number and a percentage on, and the alert says both", async () => {
    await ownersAmong(12);
    expect(await scanned("TooManyOwners")).toMatchObject([
      {
        count: 4,
        assigned: 16,
        threshold: 4,
        percent: 0,
        names: expect.arrayContaining([expect.stringMatching(/^Four \(Group /)]),
      },
    ]);
  });

  it("are none below the percentage, nor below the number", async () => {
    await ownersAmong(12);
    expect(await scanned("TooManyOwners")).toHaveLength(1);
    const { database } = test;
    const just = choice("TooManyOwners", { percent: 25 });
    expect(await changeAlertSettings(database, owner, inputOf(just))).toMatchObject({ ok: true });
    expect(await scanned("TooManyOwners")).toMatchObject([{ percent: 25 }]);
    const { kind: _, shown: __, ...shown } = just;
    const above = inputOf(choice("TooManyOwners", { percent: 26 }, shown));
    expect(await changeAlertSettings(database, owner, above)).toMatchObject({ ok: true });
    expect(await scanned("TooManyOwners")).toEqual([]);
    const event = await database.client.auditEvent.findFirstOrThrow({
      where: { kind: "AlertSettingsUpdated", outcome: "Success" },
      orderBy: { sequence: "desc" },
    });
    expect(event.details).toMatchObject({
      weakened: true,
      before: { "Too many Owners": "On, 4 and 25%" },
      after: { "Too many Owners": "On, 4 and 26%" },
    });
  });

  it("that were disabled count on neither side", async () => {
    await ownersAmong(1);
    await test.asOwner("UPDATE principals SET disabled_at = $1 WHERE display_name IN ('One', 'Three')", [
      start,
    ]);
    const input = inputOf(choice("TooManyOwners", { threshold: 2 }));
    expect(await changeAlertSettings(test.database, owner, input)).toMatchObject({ ok: true });
    expect(await scanned("TooManyOwners")).toMatchObject([{ count: 2, assigned: 3 }]);
  });

  it("who are permanent are a share of everybody as well", async () => {
    await ownersAmong(2);
    const input = inputOf(choice("TooManyPermanentOwners", { percent: 34 }));
    expect(await changeAlertSettings(test.database, owner, input)).toMatchObject({ ok: true });
    expect(await scanned("TooManyPermanentOwners")).toEqual([]);
    await grant(
      test.database,
      "active",
      (await makeUser(test.database)).id,
      ownerRoleId,
      tree.subscription.id,
    );
    expect(await scanned("TooManyPermanentOwners")).toMatchObject([{ count: 3, assigned: 7, percent: 34 }]);
  });
});

describe("raising an alert less often", () => {
  it.each([
    ["switching it off", { enabled: false }],
    ["a higher number", { threshold: 5 }],
    ["a higher percentage", { percent: 1 }],
    ["a higher number at a lower percentage", { threshold: 9, percent: 0 }],
  ])("takes a code: %s", async (_, chosen) => {
    const { database } = test;
    const input = inputOf(choice("TooManyOwners", chosen), choice("StaleAccount", { threshold: 30 }));
    const refused = { error: { failures: [{ rule: "MfaRule", field: "code" }] } };
    expect(await updateAlertSettings(database, owner, { ...input, proofId: null })).toMatchObject(refused);
    const other = inputOf(choice("TooManyOwners", chosen), choice("StaleAccount", { threshold: 31 }));
    const proofId = await makeProof(database, owner, updateAlertSettingsOperation(other));
    expect(await updateAlertSettings(database, owner, { ...input, proofId })).toMatchObject(refused);
    expect(await database.client.alertSetting.count()).toBe(0);
    expect(await changeAlertSettings(database, owner, input)).toMatchObject({ ok: true, changed: 2 });
  });

  it("is confirmed by a code that names each alert, with before and after", async () => {
    const input = inputOf(
      choice("TooManyOwners", { threshold: 6, percent: 10 }),
      choice("StaleAccount", { enabled: false }),
    );
    const challenge = await createChallenge(test.database, owner, updateAlertSettingsOperation(input));
    expect(challenge?.description.details.map(({ value }) => value)).toEqual([
      "Too many Owners: On, 4 → On, 6 and 10%",
      "Access of an account that nobody uses: On, 120 → Off",
    ]);
  });

  it("takes none where it is raised more often, or was off", async () => {
    const { database } = test;
    const off = { ...builtInSetting("OutlastsGiver"), enabled: false };
    await changeAlertSettings(database, owner, inputOf(choice("OutlastsGiver", off)));
    const input = inputOf(
      choice("TooManyOwners", { threshold: 2 }),
      choice("OutlastsGiver", { enabled: true }, off),
    );
    expect(await updateAlertSettings(database, owner, { ...input, proofId: null })).toMatchObject({
      ok: true,
    });
  });

  it("is done by one of two who do it together, and the other is refused", async () => {
    const { database } = test;
    const raise = (threshold: number) => () =>
      changeAlertSettings(database, owner, inputOf(choice("TooManyOwners", { threshold })));
    const results = await atOnce(test, [raise(7), raise(8)]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toMatchObject({ error: { code: "Conflict" } });
    const spent = await database.client.stepUpProof.count({ where: { spentAt: { not: null } } });
    expect(spent).toBe(1);
  });
});
