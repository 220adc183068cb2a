import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allAccess } from "@/lib/domain/assignments/access-filter";
import type { KindFigures } from "@/lib/domain/figures/access-figures";
import { addDays } from "@/lib/domain/time/schedule";
import { countAccess } from "@/lib/operations/figures/count-access";
import type { Caller } from "@/lib/platform/caller";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { listAccess } from "@/lib/queries/assignments/access";
import { accessFigures } from "@/lib/queries/figures/access-figures";
import { firstPage } from "@/lib/queries/pages";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeCaller, makeGroup, makeRole, makeTree, makeUser } from "../../support/factories";

const now = new Date("2026-03-02T09:30:00Z");
const everyPlace = 1;
let test: TestDatabase;
let caller: Caller;
let tree: Awaited<ReturnType<typeof makeTree>>;
let role: { id: string };
let groupId: string;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  const { database } = test;
  tree = await makeTree(database);
  role = await makeRole(database, "Operator", {});
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  caller = await makeCaller(database, await makeUser(database));
  await grant(database, "active", caller.userId, reader.id, tree.root.id, { startsAt: addDays(now, -90) });
  const lately = { startsAt: addDays(now, -2) };
  for (const member of [await makeUser(database), await makeUser(database), await makeUser(database)])
    await grant(database, "eligible", member.id, role.id, tree.subscription.id, lately);
  groupId = (await makeGroup(database, [])).id;
  await grant(database, "eligible", groupId, role.id, tree.subscription.id, { startsAt: addDays(now, -20) });
  await grant(database, "active", groupId, role.id, tree.group.id, lately);
});
afterAll(() => test.drop());

const asked = { days: 7, points: 14, timeZone: "UTC" };

async function kindsAt(resourceId: string | null, below: boolean): Promise<readonly KindFigures[]> {
  const figures = await accessFigures(test.database, caller, { resourceId, below }, asked);
  if (!figures) throw new Error("nothing to read");
  return figures.kinds;
}

const nothing = { now: 0, before: 0 };

describe("what users and groups hold", () => {
  it("is counted separately, at a resource and with what is below, each figure with its list", async () => {
    for (const counted of [false, true]) {
      if (counted) await countAccess(test.database, everyPlace);
      const group = { kind: "Group", made: expect.anything() };
      expect(await kindsAt(tree.subscription.id, false)).toMatchObject([
        { kind: "User", states: { Eligible: { now: 3, before: 0 }, Assigned: nothing, Activated: nothing } },
        { ...group, states: { Eligible: { now: 1, before: 1 }, Assigned: nothing, Activated: nothing } },
      ]);
      const below = await kindsAt(tree.subscription.id, true);
      expect(below).toMatchObject([
        { kind: "User", states: { Eligible: { now: 3, before: 0 } } },
        {
          ...group,
          states: { Eligible: { now: 1, before: 1 }, Assigned: { now: 1, before: 0 }, Activated: nothing },
        },
      ]);
      for (const { kind, states } of below)
        for (const state of ["Eligible", "Assigned", "Activated"] as const) {
          const filter = { ...allAccess, resourceId: tree.subscription.id, below: true, kind, state };
          const list = await listAccess(test.database, caller, filter, firstPage, noIssuers);
          expect(list?.rows).toHaveLength(states[state].now);
        }
    }
  });

  it("names no service principals until one holds something", async () => {
    const kinds = async () => (await kindsAt(null, true)).map(({ kind }) => kind);
    expect(await kinds()).toEqual(["User", "Group"]);
    const service = await test.database.client.principal.create({
      data: { type: "ServicePrincipal", displayName: "Deployments" },
    });
    await grant(test.database, "active", service.id, role.id, tree.root.id, { startsAt: addDays(now, -1) });
    expect(await kinds()).toEqual(["User", "Group", "ServicePrincipal"]);
  });
});

const migrations = "prisma/migrations";
const textOf = (name: string) => {
  const folder = readdirSync(migrations).find((each) => each.endsWith(name));
  return readFileSync(`${migrations}/${folder}/migration.sql`, "utf8");
};
const migration = textOf("_access_by_kind");

/** The tables and triggers as they were before kinds were distinguished. */
function undone(): string {
  const triggers = textOf("_triggers");
  const functions = ["eligibilities_count", "assignments_count"].map((name) => {
    const start = triggers.indexOf(`CREATE FUNCTION ${name}()`);
    return triggers
      .slice(start, triggers.indexOf("END $$;", start) + 7)
      .replace("CREATE", "CREATE OR REPLACE");
  });
  return `ALTER TABLE access_totals DROP COLUMN kind;
    ALTER TABLE access_totals ADD PRIMARY KEY (resource_id, below, hour, role_definition_id, state);
    ALTER TABLE access_changes DROP COLUMN kind; ${functions.join("\n")}`;
}

describe("an installation that counted access before kinds were told apart", () => {
  it("shows the same figures after the migration, though no worker came by, and after one did", async () => {
    const before = await kindsAt(null, true);
    await countAccess(test.database, everyPlace);
    await test.asOwner(`DELETE FROM access_places; ${undone()}`);
    // The state that the old product left: places that it counted, and changes that it did not.
    await test.asOwner(`INSERT INTO access_places SELECT id, true FROM resources;
      INSERT INTO access_totals SELECT resource_id, below, date_trunc('hour', now()), '${role.id}', 'Eligible', 5, 1, 5
        FROM access_places`);
    await grant(test.database, "eligible", (await makeUser(test.database)).id, role.id, tree.root.id, {
      startsAt: addDays(now, -1),
    });
    expect(await test.database.client.accessPlace.count()).toBeGreaterThan(0);

    await test.asOwner(`BEGIN; ${migration} COMMIT`);
    const expected = before.map((each) =>
      each.kind === "User"
        ? {
            ...each,
            states: { ...each.states, Eligible: { now: each.states.Eligible.now + 1, before: 0 } },
            made: expect.anything(),
          }
        : each,
    );
    expect(await kindsAt(null, true)).toEqual(expected);
    await countAccess(test.database, everyPlace);
    expect(await test.database.client.accessTotal.count({ where: { kind: "Group" } })).toBeGreaterThan(0);
    expect(await kindsAt(null, true)).toEqual(expected);
  });

  it("waits for whoever changes access while it migrates, and counts that change once", async () => {
    await countAccess(test.database, everyPlace);
    const [before] = await kindsAt(null, true);
    await test.asOwner(`DELETE FROM access_places; ${undone()}`);
    const member = await makeUser(test.database);
    const writing = await holdLock(
      test,
      `INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
       VALUES ($1, $2, $3, $4)`,
      [member.id, role.id, tree.root.id, addDays(now, -1)],
    );
    const migrating = test.asOwner(`BEGIN; ${migration} COMMIT`);
    try {
      await writing.waitedFor();
    } finally {
      await writing.release();
    }
    await migrating;
    const eligibleUsers = async () => (await kindsAt(null, true))[0]?.states.Eligible.now;
    expect(await eligibleUsers()).toBe((before?.states.Eligible.now ?? 0) + 1);
    await countAccess(test.database, everyPlace);
    expect(await eligibleUsers()).toBe((before?.states.Eligible.now ?? 0) + 1);
  });
});
