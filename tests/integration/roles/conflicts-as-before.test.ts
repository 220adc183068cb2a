// The statements that find conflicts are written for speed. They return the same as the plain ones before them.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { random } from "../../model/random";
import { type Conflicts, makeConflicts } from "../../support/conflicts";

let at: Conflicts;
let places: { readonly id: string; readonly path: string }[];
let roles: string[];
let rules: string[];
const users = Array.from({ length: 24 }, (_, index) => `00000000-0000-4000-8000-0000000001${index + 10}`);
const groups = Array.from({ length: 9 }, (_, index) => `00000000-0000-4000-8000-0000000002${index + 10}`);

/** A function as a migration made it, under another name. */
function asMade(folder: string, name: string): string {
  const sql = readFileSync(`prisma/migrations/${folder}/migration.sql`, "utf8");
  const from = sql.search(new RegExp(`CREATE (OR REPLACE )?FUNCTION ${name}\\(`));
  return sql
    .slice(from, sql.indexOf("END $$;", from) + 7)
    .replace(`FUNCTION ${name}(`, `FUNCTION old_${name}(`);
}

/** A function as it is now, with limits so low that they matter among two dozen people, under another name. */
async function withLowLimits(name: string, as: string, limit: number) {
  const [made] = (
    await at.test.asOwner("SELECT pg_get_functiondef(oid) AS sql FROM pg_proc WHERE proname = $1", [name])
  ).rows;
  const sql: string = made.sql;
  expect(sql.match(/constant integer := \d+/g)?.length).toBeGreaterThan(1);
  return sql
    .replace(`public.${name}(`, `public.${as}(`)
    .replace(/(moved_from text|moved_to text|ended uuid\[\])(?=[,)])/g, "$1 DEFAULT NULL")
    .replace(/(many_people) constant integer := \d+/, "$1 constant integer := 1")
    .replace(/(few_people|some_people) constant integer := \d+/, "$1 constant integer := 3")
    .replace(/(most_\w+|much_access) constant integer := \d+/g, `$1 constant integer := ${limit}`);
}

const variants = { some: 4, most: 1000 };

beforeAll(async () => {
  at = await makeConflicts(() => new Date("2026-03-02T09:00:00Z"));
  const made = [await at.rule(at.tree.root.id), await at.rule(), await at.rule(at.tree.group.id)];
  rules = made.map(({ id }) => id);
  roles = made.flatMap(({ enter, approve }) => [enter.id, approve.id]);
  places = (await at.test.asOwner("SELECT id, path FROM resources")).rows;
  // A role of several rules, and sets of several roles.
  const [enter, approve, , other] = roles;
  await at.test.asOwner(`SET session_replication_role = replica;
    INSERT INTO conflict_rule_roles VALUES ('${enter}', '${rules[1]}', 'Second'), ('${approve}', '${rules[2]}', 'First'),
      ('${other}', '${rules[0]}', 'First');
    RESET session_replication_role;
    ${asMade("20261128222000_conflict_exceptions", "role_conflicts")}
    ${asMade("20261128201500_conflicts_of_many", "roles_held_together")}`);
  for (const [name, limit] of Object.entries(variants))
    for (const [made, each] of [
      ["role_conflicts_if_moved", "role_conflicts"],
      ["roles_held_together", "roles_held_together"],
    ] as const)
      await at.test.asOwner(await withLowLimits(made, `${name}_${each}`, limit));
});
afterAll(() => at.test.drop());

/** People in groups in groups, some of them disabled, who hold roles at different times, and exceptions. */
async function fill(next: (below: number) => number) {
  const one = <T>(list: readonly T[]) => list[next(list.length)] as T;
  const hours = () => `now() + interval '${next(200) - 100} hours'`;
  const disabled = () => (next(6) === 0 ? "now()" : "NULL");
  const principals = [
    ...users.map((id) => `('${id}', 'User', '${id}', '${id}@example.com', ${disabled()})`),
    ...groups.map((id) => `('${id}', 'Group', 'G ${id}', NULL, ${disabled()})`),
  ];
  const members = new Set(
    Array.from({ length: 45 }, () => {
      const group = next(groups.length);
      const member = next(4) === 0 && group > 0 ? groups[next(group)] : one(users);
      return `('${groups[group]}', '${member}', `;
    }),
  );
  const endless = new Set<string>();
  const access = Array.from({ length: 70 }, (_, index) => {
    const where = `'${one(roles)}', '${one(places).id}'`;
    // Of two that have no end, either may be named.
    const ends = endless.has(where) || next(3) > 0;
    if (!ends) endless.add(where);
    const start = next(200) - 100;
    const until = `now() + interval '${start + next(100)} hours 30 minutes ${index} seconds'`;
    return `('${one([...users, ...groups])}', ${where}, 'Assigned', now() + interval '${start} hours', ${ends ? until : "NULL"})`;
  });
  const excepted = Array.from({ length: 12 }, () => {
    const [who, asker, decider] = [one([...users.slice(4), ...groups]), users[next(2)], users[next(2) + 2]];
    const decided = `'${decider}', ${hours()}`;
    return `('${one(rules)}', 1, '${who}', 'Approved', 'x', '${asker}', now() - interval '1 hour', now() + interval '${next(60)} hours', ${decided})`;
  });
  await at.test.asOwner(`SET session_replication_role = replica;
    DELETE FROM conflict_exceptions; DELETE FROM assignments; DELETE FROM group_members;
    DELETE FROM principals WHERE id = ANY ('{${[...users, ...groups]}}');
    INSERT INTO principals (id, type, display_name, email, disabled_at) VALUES ${principals};
    INSERT INTO group_members (group_id, member_id, added_at) VALUES ${[...members].map((each) => `${each}${hours()})`)};
    INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at, ends_at) VALUES ${access}
      ON CONFLICT DO NOTHING;
    INSERT INTO conflict_exceptions (rule_id, roles_version, principal_id, state, justification, asked_by_id, asked_at, ends_at,
      decided_by_id, decided_at) VALUES ${excepted};
    RESET session_replication_role`);
}

/** Changes that happen together: access that is given, and people who join groups or are enabled. */
async function changes(next: (below: number) => number) {
  const one = <T>(list: readonly T[]) => list[next(list.length)] as T;
  const given = Array.from({ length: next(4) }, (_, index) => {
    const start = next(100);
    const soon = Date.now() + 3_600_000 * start;
    const end = new Date(soon + 3_600_000 * (1 + next(50)) + index);
    const stranger = "00000000-0000-4000-8000-000000000999";
    const holder = next(12) === 0 ? stranger : one([...users, ...groups, ...groups]);
    return { holder, role: one(roles), place: one(places).id, start: new Date(soon), end };
  });
  const joins = Array.from({ length: next(7) }, () => {
    const group = next(groups.length);
    if (next(4) === 0) return { group: null, member: one([...users, ...groups]) };
    return {
      group: groups[group] as string,
      member: next(2) === 0 && group > 0 ? (groups[next(group)] as string) : one(users),
    };
  });
  const replaced =
    next(3) === 0 ? (await at.test.asOwner("SELECT id FROM assignments LIMIT 1")).rows[0].id : null;
  return [
    rules.filter(() => next(4) > 0),
    given.map(({ holder }) => holder),
    given.map(({ role }) => role),
    given.map(({ place }) => place),
    given.map(({ start }) => start),
    given.map(({ end }) => end),
    joins.map(({ group }) => group),
    joins.map(({ member }) => member),
    replaced,
  ];
}

const worlds = 5;
const prefixes = ["", ...Object.keys(variants).map((name) => `${name}_`)];

it("changes conflict with what they conflicted with, whether few people or many are concerned", async () => {
  let found = 0;
  for (let world = 0; world < worlds; world += 1) {
    const next = random(world);
    await fill(next);
    for (let asked = 0; asked < 24; asked += 1) {
      const change = await changes(next);
      const answer = async (prefix: string) =>
        (
          await at.test.asOwner(
            `SELECT * FROM ${prefix}role_conflicts($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[],
              $6::timestamptz[], $7::uuid[], $8::uuid[], $9::uuid)`,
            change,
          )
        ).rows;
      const before = await answer("old_");
      found += before.length;
      for (const prefix of prefixes)
        expect(await answer(prefix), `world ${world}, change ${asked}, ${prefix}`).toEqual(before);
    }
  }
  expect(found).toBeGreaterThan(100);
});

it("what would conflict if a resource lay elsewhere is what conflicts once it lies there", async () => {
  let found = 0;
  for (let world = 0; world < worlds; world += 1) {
    const next = random(100 + world);
    await fill(next);
    for (let asked = 0; asked < 12; asked += 1) {
      const [moved, to] = [at.tree.group, next(2) === 0 ? at.tree.root : at.beside];
      const change = await changes(next);
      const ended = (await at.test.asOwner("SELECT id FROM assignments ORDER BY id LIMIT 5")).rows;
      const label = moved.path.slice(moved.path.lastIndexOf("."));
      const conflicts = async (...beyond: readonly unknown[]) =>
        (
          await at.test.asOwner(
            `SELECT * FROM role_conflicts_if_moved($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[],
              $6::timestamptz[], $7::uuid[], $8::uuid[], $9::uuid, $10, $11, $12::uuid[])`,
            [...change, ...beyond],
          )
        ).rows;
      const before = await conflicts(
        moved.path,
        `${to.path}${label}`,
        ended.map(({ id }) => id),
      );
      const put = (path: string) =>
        at.test.asOwner(`SET session_replication_role = replica;
          UPDATE resources SET path = '${path}' WHERE id = '${moved.id}'; RESET session_replication_role`);
      await at.test.asOwner(`CREATE TABLE kept AS SELECT * FROM assignments ORDER BY id LIMIT 5;
        SET session_replication_role = replica;
        DELETE FROM assignments WHERE id IN (SELECT id FROM kept); RESET session_replication_role`);
      await put(`${to.path}${label}`);
      expect(before, `world ${world}, move ${asked}`).toEqual(await conflicts(null, null, null));
      await put(moved.path);
      await at.test.asOwner(`SET session_replication_role = replica; INSERT INTO assignments SELECT * FROM kept;
        RESET session_replication_role; DROP TABLE kept`);
      found += before.length;
    }
  }
  expect(found).toBeGreaterThan(20);
});

it("who holds both is who did, whichever set is the smaller", async () => {
  let found = 0;
  for (let world = 0; world < worlds; world += 1) {
    const next = random(world);
    await fill(next);
    const all = await at.test.asOwner(
      "SELECT rule_id, role_definition_id AS role, side FROM conflict_rule_roles",
    );
    for (const place of places)
      for (const rule of rules) {
        const set = (side: string) =>
          all.rows.filter((row) => row.rule_id === rule && row.side === side).map(({ role }) => role);
        const answer = async (prefix: string) =>
          (
            await at.test.asOwner(
              `SELECT * FROM ${prefix}roles_held_together($1, $2::uuid[], $3::uuid[], 50)`,
              [place.path, set("First"), set("Second")],
            )
          ).rows;
        const before = await answer("old_");
        found += before.length;
        for (const prefix of prefixes)
          expect(await answer(prefix), `world ${world}, ${place.path}, ${rule}, ${prefix}`).toEqual(before);
      }
  }
  expect(found).toBeGreaterThan(100);
});
