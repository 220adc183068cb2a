// MFA coverage of a large place joins whole sets. It counts the same people as a plain query for each person.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Caller } from "@/lib/platform/caller";
import { mfaCoverage } from "@/lib/queries/figures/mfa-coverage";
import { random } from "../../model/random";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let caller: Caller;
let role: { id: string };
beforeAll(async () => {
  test = await createTestDatabase();
  tree = await makeTree(test.database);
  role = await makeRole(test.database, "Everything", { actions: ["*"] });
  caller = await makeCaller(test.database, await makeUser(test.database));
  await grant(test.database, "active", caller.userId, role.id, tree.root.id);
});
afterAll(() => test.drop());

const issuer = "https://login.example";
const issuers = { any: [issuer], phishingResistant: [] };

/** People, groups in groups and programs, some disabled, with access of every state and time, and factors. */
async function fill(next: (below: number) => number) {
  const one = <T>(list: readonly T[]) => list[next(list.length)] as T;
  const id = (kind: number, index: number) => `00000000-0000-4000-8000-00000000${kind}${100 + index}`;
  const ids = (kind: number, many: number) => Array.from({ length: many }, (_, index) => id(kind, index));
  const [users, groups, programs] = [ids(1, 60), ids(2, 12), ids(3, 4)];
  const disabled = () => (next(5) === 0 ? "now()" : "NULL");
  const principal = (kind: string) => (each: string) =>
    `('${each}', '${kind}', '${each}', ${kind === "User" ? `'${each}@many.example'` : "NULL"}, ${disabled()})`;
  const members = new Set(
    Array.from({ length: 40 }, () => {
      const group = next(groups.length);
      return `('${groups[group]}', '${next(3) === 0 && group > 0 ? groups[next(group)] : one(users)}')`;
    }),
  );
  const held = (index: number, type = "") => {
    const start = next(200) - 150;
    const ends = `now() + interval '${start + 1 + next(200)} hours 30 minutes ${index} seconds'`;
    const who = one([...users.slice(0, 30), ...groups, ...programs]);
    return `('${who}', '${role.id}', '${one([tree.root, tree.subscription, tree.group]).id}', now() + interval '${start} hours', ${ends}${type})`;
  };
  await test.asOwner(`SET session_replication_role = replica;
    DELETE FROM principals WHERE id::text LIKE '00000000-0000-4000-8000-%';
    DELETE FROM group_members; DELETE FROM passkeys; DELETE FROM identity_links; DELETE FROM eligibilities;
    DELETE FROM assignments WHERE principal_id <> '${caller.userId}';
    INSERT INTO principals (id, type, display_name, email, disabled_at) VALUES
      ${[...users.map(principal("User")), ...groups.map(principal("Group")), ...programs.map(principal("ServicePrincipal"))]};
    INSERT INTO group_members (group_id, member_id) VALUES ${[...members]};
    INSERT INTO assignments (principal_id, role_definition_id, resource_id, starts_at, ends_at, assignment_type)
      VALUES ${Array.from({ length: 12 }, (_, index) => held(index, ", 'Assigned'"))} ON CONFLICT DO NOTHING;
    INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at, ends_at) VALUES
      ${Array.from({ length: 12 }, (_, index) => held(100 + index))} ON CONFLICT DO NOTHING;
    INSERT INTO passkeys (user_id, credential_id, public_key, counter, name, backup_eligible, backed_up)
      SELECT id, decode(replace(id::text, '-', ''), 'hex'), 'x', 0, 'Key', false, false FROM principals
      WHERE id = ANY ('{${users.filter(() => next(3) === 0)}}');
    INSERT INTO identity_links (principal_id, issuer, subject)
      SELECT id, CASE WHEN random() < 0.7 THEN '${issuer}' ELSE 'https://other.example' END, id::text FROM principals
      WHERE id = ANY ('{${users.filter(() => next(4) === 0)}}');
    RESET session_replication_role`);
}

it("counts whom a plain question finds", async () => {
  let people = 0;
  for (let world = 0; world < 8; world += 1) {
    await fill(random(world));
    const plain = await test.asOwner(
      `SELECT count(*)::int AS people, (count(*) FILTER (WHERE
          EXISTS (SELECT FROM factors_in_force f WHERE f.user_id = u.id)
          OR EXISTS (SELECT FROM identity_links l WHERE l.principal_id = u.id AND l.issuer = $1)))::int AS "peopleWithFactor"
        FROM principals u WHERE u.type = 'User' AND u.disabled_at IS NULL AND EXISTS (
          SELECT FROM principal_and_groups(u.id) AS g (id) WHERE EXISTS (
            SELECT FROM assignments x WHERE x.principal_id = g.id AND x.starts_at <= postern_now()
              AND (x.ends_at IS NULL OR x.ends_at > postern_now())
            UNION ALL SELECT FROM eligibilities x WHERE x.principal_id = g.id AND x.starts_at <= postern_now()
              AND (x.ends_at IS NULL OR x.ends_at > postern_now())))`,
      [issuer],
    );
    const counted = await mfaCoverage(test.database, caller, { resourceId: null, below: true }, issuers);
    expect(counted, `world ${world}`).toMatchObject(plain.rows[0]);
    people += plain.rows[0].people;
  }
  expect(people).toBeGreaterThan(50);
});
