import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessFigures } from "@/lib/domain/figures/access-figures";
import { addDays } from "@/lib/domain/time/schedule";
import { countAccess } from "@/lib/operations/figures/count-access";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { readableAt } from "@/lib/queries/assignments/readable-access";
import { accessFigures } from "@/lib/queries/figures/access-figures";
import { accessNow } from "@/lib/queries/figures/access-now";
import { countedAccess } from "@/lib/queries/figures/counted-access";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { holdLock } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const start = new Date("2026-03-02T09:30:00Z");
const asked = { days: 30, points: 14, timeZone: "UTC" };
const everywhere = { resourceId: null, below: true };
const everyPlace = 1;
let now = start;
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let other: { id: string; path: string };
let leaf: { id: string };
let roles: string[];
let people: string[];
let readers: Caller[];

/** The same numbers at every run. */
let seed = 20261124;
function random(below: number): number {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * below);
}
const pick = <Value>(values: readonly Value[]): Value => {
  const value = values[random(values.length)];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
};

async function below(parentId: string, displayName: string) {
  const scope = `/subscriptions/${randomUUID()}`;
  return test.database.client.resource.create({
    data: { parentId, scope, displayName, resourceType: "Microsoft.Resources/subscriptions" },
  });
}

async function readerAt(...resourceIds: string[]): Promise<Caller> {
  const reader = await test.database.client.roleDefinition.findFirstOrThrow({
    where: { roleName: "Reader" },
  });
  const caller = await makeCaller(test.database, await makeUser(test.database));
  for (const id of resourceIds) await grant(test.database, "active", caller.userId, reader.id, id);
  return caller;
}

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  const { database } = test;
  tree = await makeTree(database);
  other = await below(tree.root.id, "Sandbox");
  leaf = await below(tree.group.id, "leaf");
  await makeRole(database, "Reader", { actions: ["*/read"] });
  const made = await Promise.all([1, 2, 3].map((each) => makeRole(database, `Role ${each}`, {})));
  roles = made.map(({ id }) => id);
  const users = await Promise.all(Array.from({ length: 8 }, () => makeUser(database)));
  const service = await database.client.principal.create({
    data: { type: "ServicePrincipal", displayName: "Deployments" },
  });
  people = [...users, await makeGroup(database, []), service].map(({ id }) => id);
  readers = [
    await readerAt(tree.root.id),
    await readerAt(tree.subscription.id),
    await readerAt(tree.group.id, other.id),
    await readerAt(leaf.id),
  ];
});
afterAll(() => test.drop());

/** A moment of interest: about now, at the ends of the periods that figures cover, on the hour and a millisecond off it. */
function moment(): Date {
  const near = [0, -1, 1, -7, -14, -30, -91, 14, 13, 20, -120];
  const whole = addDays(now, pick(near)).getTime();
  const shift = [0, 0, 1, -1, 60_000, -60_000, 3_600_000, random(86_400_000) - 43_200_000];
  const shifted = whole + pick(shift);
  return new Date(random(4) === 0 ? Math.floor(shifted / 3_600_000) * 3_600_000 : shifted);
}

/** The database refuses an end that would overlap other access, and nothing is changed. */
function unlessOverlapping(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "23P01")) throw error;
}

/** Changes access at random, as verbs, batches, imports and the worker do. Access that would overlap is not made. */
async function change(): Promise<void> {
  const values = () => {
    const startsAt = moment();
    const end = moment();
    const endsAt =
      random(4) === 0 ? null : end < startsAt ? new Date(startsAt.getTime() + random(3) * 1_000) : end;
    const place = pick([tree.root, tree.subscription, tree.group, other, leaf]);
    return [
      pick(people),
      pick(roles),
      place.id,
      startsAt,
      endsAt,
      new Date(Math.min(moment().getTime(), now.getTime())),
    ];
  };
  const insert = (rows: number, table: string) =>
    test.asOwner(
      `INSERT INTO ${table} (principal_id, role_definition_id, resource_id, starts_at, ends_at, created_at
         ${table === "assignments" ? ", assignment_type" : ""})
       SELECT v.* ${table === "assignments" ? ", 'Assigned'" : ""} FROM (VALUES ${Array.from(
         { length: rows },
         (_, row) =>
           `($${row * 6 + 1}::uuid, $${row * 6 + 2}::uuid, $${row * 6 + 3}::uuid, $${row * 6 + 4}::timestamptz,
             $${row * 6 + 5}::timestamptz, $${row * 6 + 6}::timestamptz)`,
       ).join()}) v ON CONFLICT DO NOTHING`,
      Array.from({ length: rows }, values).flat(),
    );
  const table = pick(["eligibilities", "assignments"]);
  switch (random(7)) {
    case 0:
    case 1:
      await insert(1, table);
      break;
    case 2:
      await insert(12, table);
      break;
    case 3:
      await test.asOwner(
        `WITH held AS (SELECT id FROM eligibilities WHERE (ends_at IS NULL OR ends_at > starts_at) LIMIT 200)
         INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, eligibility_id,
           starts_at, ends_at, created_at)
         SELECT principal_id, role_definition_id, resource_id, 'Activated', id, $1::timestamptz,
           $1::timestamptz + make_interval(hours => $2::int), $1 FROM eligibilities JOIN held USING (id)
         ON CONFLICT DO NOTHING`,
        [moment(), random(9)],
      );
      break;
    case 4:
      await test
        .asOwner(
          `UPDATE ${table} SET ends_at = greatest(starts_at, $1::timestamptz), removed_at = $2
         WHERE id = (SELECT id FROM ${table} WHERE role_definition_id = ANY ($4) ORDER BY id LIMIT 1 OFFSET $3)`,
          [pick([now, moment()]), now, random(20), roles],
        )
        .catch(unlessOverlapping);
      break;
    case 5:
      // The worker's mark that an end is logged moves nothing.
      await test.asOwner(`UPDATE ${table} SET expiry_recorded_for = ends_at WHERE ends_at <= $1`, [now]);
      break;
    default:
      await test.asOwner(
        `DELETE FROM assignments WHERE id = (SELECT id FROM assignments ORDER BY id LIMIT 1 OFFSET $1)
           AND assignment_type <> 'Assigned'`,
        [random(30)],
      );
  }
}

interface Plain {
  state: string;
  kind: string;
  role: string;
  path: string;
  starts: Date;
  ends: Date | null;
  created: Date;
}

/** Every row, read without the maintained counts. */
function plainRows(transaction: Transaction): Promise<Plain[]> {
  return transaction.$queryRaw<Plain[]>`
    SELECT x.state, p.type::text AS kind, x.role_definition_id AS role, r.path, x.starts_at AS starts, x.ends_at AS ends, x.created_at AS created
    FROM (
      SELECT 'Eligible' AS state, principal_id, role_definition_id, resource_id, starts_at, ends_at, created_at FROM eligibilities
      UNION ALL
      SELECT assignment_type::text, principal_id, role_definition_id, resource_id, starts_at, ends_at, created_at FROM assignments) x
    JOIN resources r ON r.id = x.resource_id JOIN principals p ON p.id = x.principal_id`;
}

const isInEffect = (row: Plain, at: Date) => row.starts <= at && (row.ends === null || row.ends > at);

/** The figures, computed by looking at each row. */
function plainly(rows: Plain[]) {
  const current = rows.filter((row) => isInEffect(row, now));
  const meant = rows.filter((row) => row.ends === null || row.ends > row.starts);
  const standing = meant.filter((row) => row.state !== "Activated");
  const counted = (state: string, at = now, kind = "") =>
    rows.filter((row) => row.state === state && row.kind.startsWith(kind) && isInEffect(row, at)).length;
  const made = (kind: string, from: number, to: number) =>
    standing.filter(
      (row) =>
        row.kind.startsWith(kind) && row.created > addDays(now, from) && !(row.created > addDays(now, to)),
    ).length;
  const kinds = ["User", "Group", "ServicePrincipal"].map((kind) => {
    const compared = (state: string) => ({
      now: counted(state, now, kind),
      before: counted(state, addDays(now, -7), kind),
    });
    return {
      kind,
      states: {
        Eligible: compared("Eligible"),
        Assigned: compared("Assigned"),
        Activated: compared("Activated"),
      },
      made: { now: made(kind, -30, 9_999), before: made(kind, -60, -30) },
    };
  });
  const today = Math.floor(now.getTime() / 86_400_000);
  const days = meant.filter((row) => {
    const day = Math.floor(row.starts.getTime() / 86_400_000);
    return row.state === "Activated" && day > today - asked.days && day <= today;
  });
  return {
    states: { Eligible: counted("Eligible"), Assigned: counted("Assigned"), Activated: counted("Activated") },
    held: current.length,
    activations: days.length,
    kinds: kinds.filter(({ states, made }) =>
      [...Object.values(states), made].some((each) => each.now + each.before > 0),
    ),
    newAssignments: made("", -30, 9_999),
    newAssignmentsBefore: made("", -60, -30),
    endingSoon: current.filter(
      (row) => row.state !== "Activated" && row.ends !== null && row.ends <= addDays(now, 14),
    ).length,
    standing: Array.from({ length: asked.points }, (_, point) => {
      const at = addDays(now, -7 * (asked.points - 1 - point));
      return {
        at,
        eligible: counted("Eligible", at),
        assigned: counted("Assigned", at),
        activated: counted("Activated", at),
      };
    }),
  };
}

function figuresShown(figures: Omit<AccessFigures, "roles" | "days" | "pendingRequests">, held: number) {
  const { states, kinds, newAssignments, newAssignmentsBefore, endingSoon, standing } = figures;
  const activations = figures.activations.reduce((sum, row) => sum + row.count, 0);
  return { states, kinds, held, activations, newAssignments, newAssignmentsBefore, endingSoon, standing };
}

/** Each reader's figures, of all that they may read and of single places, beside a plain count of the same. */
async function compare(): Promise<void> {
  const rows = await inTransaction(test.database, plainRows);
  const resources = await test.database.client.resource.findMany();
  const pathOf = (id: string) => resources.find((each) => each.id === id)?.path ?? "";
  const under = (path: string, row: Plain) => row.path === path || row.path.startsWith(`${path}.`);
  const tops = [[tree.root.id], [tree.subscription.id], [tree.group.id, other.id], [leaf.id]];
  for (const [index, caller] of readers.entries()) {
    const mine = tops[index]?.map(pathOf) ?? [];
    const figures = await accessFigures(test.database, caller, everywhere, asked);
    if (!figures) throw new Error("nothing to read");
    const sum = figures.roles.reduce((all, role) => all + role.eligible + role.active, 0);
    const { Activated, Assigned } = figures.states;
    const { pendingRequests } = figures;
    expect(await accessNow(test.database, caller, everywhere)).toEqual({
      Activated,
      Assigned,
      pendingRequests,
    });
    expect(figuresShown(figures, sum)).toEqual(
      plainly(rows.filter((row) => mine.some((path) => under(path, row)))),
    );
    for (const place of resources.filter((each) =>
      mine.some((path) => under(path, { path: each.path } as Plain)),
    )) {
      const own = await accessFigures(test.database, caller, { resourceId: place.id, below: false }, asked);
      const { states, kinds, newAssignments } = plainly(rows.filter((row) => row.path === place.path));
      expect(own).toMatchObject({ states, kinds, newAssignments });
    }
  }
}

describe("figures that are counted ahead", () => {
  it("equal a plain count after any history, whenever the worker came by, at any time", async () => {
    for (let step = 0; step < 32; step += 1) {
      for (let changes = random(5); changes >= 0; changes -= 1) await change();
      if (random(2) === 0)
        now = new Date(now.getTime() + pick([1, 1_000, 3_600_000, random(9) * 86_400_000]));
      if (random(3) === 0) await countAccess(test.database, everyPlace);
      if (step === 16)
        await test.asOwner("UPDATE resources SET parent_id = $1 WHERE id = $2", [other.id, leaf.id]);
      if (step === 22)
        await test.asOwner("UPDATE resources SET parent_id = $1 WHERE id = $2", [tree.group.id, leaf.id]);
      await compare();
    }
    await countAccess(test.database, everyPlace);
    expect(await test.database.client.accessChange.count()).toBe(0);
    now = addDays(now, 200);
    await compare();
    await countAccess(test.database, everyPlace);
    await compare();
  }, 120_000);

  it("no longer count what ended a second ago, though no worker runs", async () => {
    const [caller] = readers;
    if (!caller) throw new Error("no reader");
    await grant(
      test.database,
      "active",
      people[0] ?? "",
      roles[0] ?? "",
      (await below(tree.root.id, "new")).id,
      {
        startsAt: addDays(now, -1),
        endsAt: new Date(now.getTime() + 1_000),
      },
    );
    await countAccess(test.database, everyPlace);
    const count = async () =>
      (await accessFigures(test.database, caller, everywhere, { days: 1, points: 1, timeZone: "UTC" }))
        ?.states.Assigned ?? 0;
    const before = await count();
    now = new Date(now.getTime() + 999);
    expect(await count()).toBe(before);
    now = new Date(now.getTime() + 1);
    expect(await count()).toBe(before - 1);
  });

  it("come from the totals and not from the rows, once a place has grown large", async () => {
    const [caller] = readers;
    if (!caller) throw new Error("no reader");
    const before = await accessFigures(test.database, caller, everywhere, asked);
    await test.asOwner(
      `UPDATE access_totals SET started = started + 1000 WHERE state = 'Assigned' AND below AND resource_id = $1
         AND hour = (SELECT min(hour) FROM access_totals WHERE state = 'Assigned' AND below AND resource_id = $1)`,
      [tree.root.id],
    );
    const after = await accessFigures(test.database, caller, everywhere, asked);
    expect((after?.states.Assigned ?? 0) - (before?.states.Assigned ?? 0)).toBeGreaterThanOrEqual(1_000);
    await test.asOwner("DELETE FROM access_places");
    await compare();
  });

  it("miss no change of a place that another worker begins to count", async () => {
    const { database } = test;
    const count = () => countAccess(database, everyPlace);
    await count();
    await test.asOwner("DELETE FROM access_places WHERE resource_id = $1", [tree.group.id]);
    const places = await holdLock(test, "LOCK TABLE access_places IN SHARE ROW EXCLUSIVE MODE", []);
    const running = [count()];
    try {
      await places.waitedFor();
      await grant(database, "active", (await makeUser(database)).id, pick(roles), tree.group.id);
      const pending = await database.client.accessChange.count();
      // The other would add this change to the places that it sees, and the new place is not among them yet.
      running.push(count());
      await places.waitedBehind();
      expect(await database.client.accessChange.count()).toBe(pending);
    } finally {
      await places.release();
      await Promise.allSettled(running);
    }
    await Promise.all(running);
    expect(await database.client.accessChange.count()).toBe(0);
    await compare();
  });

  it("are those of one moment while many change access and workers fold", async () => {
    const { database } = test;
    const [caller] = readers;
    if (!caller) throw new Error("no reader");
    await countAccess(database, everyPlace);
    let writing = true;
    const write = async () => {
      for (let round = 0; round < 12; round += 1) {
        const { id } = await makeUser(database);
        const given = await grant(database, "active", id, pick(roles), pick([tree.group, other, leaf]).id);
        if (round % 2 === 0)
          await pastTheRules(database, (to) =>
            to.assignment.update({ where: { id: given.id }, data: { endsAt: now } }),
          );
      }
    };
    const fold = async () => {
      while (writing) await countAccess(database, everyPlace);
    };
    const look = async () => {
      while (writing) {
        await database.client.$transaction(
          async (transaction) => {
            await transaction.$executeRaw`SELECT set_config('postern.now', ${now.toISOString()}, true)`;
            const readable = await readableAt(transaction, caller, everywhere);
            if (!readable) throw new Error("nothing to read");
            const counted = await countedAccess(transaction, readable, {
              days: { names: [], starts: [now] },
              points: 14,
            });
            const held = counted.held.reduce((sum, row) => sum + row.count, 0);
            const rows = await plainRows(transaction);
            expect(held).toBe(rows.filter((row) => isInEffect(row, now)).length);
            const made = counted.made.reduce((sum, row) => sum + row.count, 0);
            expect(made).toBe(plainly(rows).newAssignments);
          },
          { isolationLevel: "RepeatableRead" },
        );
      }
    };
    const others = Promise.all([fold(), fold(), look()]);
    await Promise.all(Array.from({ length: 8 }, write));
    writing = false;
    await others;
    await compare();
    await countAccess(database, everyPlace);
    expect(await database.client.accessChange.count()).toBe(0);
    await compare();
  }, 60_000);
});
