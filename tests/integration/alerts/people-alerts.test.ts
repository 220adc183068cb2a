import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { builtInSetting } from "@/lib/domain/alerts/alert-setting";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { changeAlertSettings } from "../../support/alert-settings";
import { setSettings } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
} from "../../support/factories";

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

/** The open alerts of a kind after one more scan, by the names of the people they concern. */
async function scanned(kind: "StaleAccount" | "ActivatesOften" | "CannotProve") {
  clock.now = addMinutes(clock.now, 5);
  await scanAlerts(test.database);
  const rows = await test.database.client.alert.findMany({
    where: { kind, resolvedAt: null },
    include: { principal: true },
    orderBy: { principal: { displayName: "asc" } },
  });
  return rows.map(({ principal, severity, details }) => ({
    ...{ name: principal?.displayName, severity },
    ...Object(details),
  }));
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
    const input = { resourceId: tree.root.id, choices: [{ ...choice, shown }] };
    expect(await changeAlertSettings(test.database, owner, input)).toMatchObject({ ok: true });
    expect(await scanned("StaleAccount")).toMatchObject([{ name: "Ida Idle", days: 60 }]);
  });
});

describe("somebody who activates unusually often", () => {
  /** Activations and extensions of somebody, so many at each moment. */
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

describe("a role that somebody may activate and could not prove themselves for", () => {
  const here = () => tree.subscription.id;
  const factor = (table: "totp_factors" | "passkeys", userId: string) =>
    table === "passkeys"
      ? test.asOwner(
          `INSERT INTO passkeys (user_id, credential_id, public_key, counter, name, backup_eligible, backed_up)
           VALUES ($1::uuid, decode(replace($1::uuid::text, '-', ''), 'hex'), 'x', 0, 'Key', false, false)`,
          [userId],
        )
      : test.asOwner(
          `INSERT INTO totp_factors (user_id, key_id, nonce, ciphertext, confirmed_at)
           VALUES ($1, 'k', 'n', 'c', now())`,
          [userId],
        );

  it("is an alert that names them, through their groups too and once each, while they lack a factor that counts", async () => {
    const { database } = test;
    const names = ["Ada App", "Nell None", "Gus Group", "Kai Key"];
    const [ada, nell, gus, kai] = await Promise.all(names.map((name) => makeUser(database, name)));
    if (!ada || !nell || !gus || !kai) throw new Error("nobody was made");
    const inner = await makeGroup(database, [gus.id], "Inner");
    const outer = await makeGroup(database, [inner.id, nell.id], "Outer");
    await factor("totp_factors", ada.id);
    await factor("passkeys", kai.id);
    for (const each of [ada.id, nell.id, kai.id, outer.id])
      await grant(database, "eligible", each, reader, here(), { endsAt: addDays(start, 900) });
    const alert = (needs: string, who: string[]) => ({
      severity: "Low",
      needs,
      count: who.length,
      names: who,
    });
    expect(await scanned("CannotProve")).toMatchObject([alert("Any", ["Gus Group", "Nell None"])]);

    await setSettings(database, reader, here(), {
      ...defaultRoleSettings,
      activationPhishingResistant: true,
    });
    const [raised] = await scanned("CannotProve");
    expect(raised).toMatchObject(alert("Passkey", ["Ada App", "Gus Group", "Nell None"]));
    await test.asOwner("UPDATE principals SET disabled_at = now() WHERE id = $1", [inner.id]);
    await test.asOwner("UPDATE principals SET disabled_at = now() WHERE id = $1", [nell.id]);
    expect(await scanned("CannotProve")).toMatchObject([alert("Passkey", ["Ada App"])]);

    // Where no factor is required, the choice of factors has no effect.
    await setSettings(database, reader, here(), {
      ...defaultRoleSettings,
      ...{ activationRequiresMfa: false, activationPhishingResistant: true },
    });
    expect(await scanned("CannotProve")).toEqual([]);
    expect(await test.database.client.alert.count({ where: { kind: "CannotProve" } })).toBe(1);
  });

  it("is as severe as the role is powerful, and can be switched off where it is", async () => {
    const { database } = test;
    const nell = await makeUser(database, "Nell None");
    const strong = await makeRole(database, "Handing out", { actions: ["Microsoft.Authorization/*"] });
    await grant(database, "eligible", nell.id, strong.id, here(), { endsAt: addDays(start, 900) });
    expect(await scanned("CannotProve")).toMatchObject([{ severity: "High", names: ["Nell None"] }]);
    const shown = builtInSetting("CannotProve");
    expect(
      await changeAlertSettings(database, owner, {
        ...{ resourceId: here() },
        choices: [{ shown, ...shown, kind: "CannotProve", enabled: false }],
      }),
    ).toMatchObject({ ok: true });
    expect(await scanned("CannotProve")).toEqual([]);
  });
});
