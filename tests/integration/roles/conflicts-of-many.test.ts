import { afterAll, beforeAll, expect, it } from "vitest";
import { conflictsOf } from "@/lib/operations/gate/refuse-conflicts";
import { inTransaction } from "@/lib/platform/transaction";
import { type Conflicts, makeConflicts } from "../../support/conflicts";
import { makeGroup } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
const members = 2000;
let at: Conflicts;
beforeAll(async () => {
  at = await makeConflicts(() => now);
});
afterAll(() => at.test.drop());

it("a role for a group of many is judged by reading its members once, and not once for each of them", async () => {
  const { enter, approve } = await at.rule();
  const group = await makeGroup(at.database, [], "Everybody");
  await at.test.asOwner(`SET session_replication_role = replica;
    INSERT INTO principals (type, display_name, email)
      SELECT 'User', 'P' || i, 'p' || i || '@many.example' FROM generate_series(1, ${members}) i;
    INSERT INTO group_members (group_id, member_id)
      SELECT '${group.id}', id FROM principals WHERE email LIKE '%@many.example';
    INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
      SELECT id, '${enter.id}', '${at.tree.subscription.id}', 'Assigned', '2026-01-01' FROM principals
      WHERE email LIKE 'p%00@many.example';
    RESET session_replication_role; ANALYZE`);
  await inTransaction(at.database, async (transaction) => {
    const found = await conflictsOf(transaction, {
      given: [
        {
          principalId: group.id,
          roleDefinitionId: approve.id,
          resourceId: at.tree.subscription.id,
          schedule: { startsAt: now, endsAt: null },
        },
      ],
    });
    expect(found[0]?.people).toBe(members / 100);
    const [row] = await transaction.$queryRaw<{ read: bigint }[]>`
      SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS read
      FROM pg_stat_xact_user_tables WHERE relname = 'group_members'`;
    expect(Number(row?.read)).toBeLessThan(members * 20);
  });
});

it("a role for one person is judged by what they hold, and not by reading what everybody holds", async () => {
  const { enter, approve } = await at.rule();
  const group = await makeGroup(at.database, [], "All of them");
  await at.test.asOwner(`SET session_replication_role = replica;
    INSERT INTO group_members (group_id, member_id)
      SELECT '${group.id}', id FROM principals WHERE email LIKE '%@many.example';
    INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
      SELECT id, role::uuid, '${at.tree.group.id}', 'Assigned', '2026-01-01' FROM principals,
        unnest(ARRAY['${enter.id}', '${approve.id}']) AS role
      WHERE email LIKE '%@many.example' AND email <> 'p7@many.example';
    RESET session_replication_role; ANALYZE`);
  const [person] = (await at.test.asOwner("SELECT id FROM principals WHERE email = 'p7@many.example'")).rows;
  await inTransaction(at.database, async (transaction) => {
    const read = async () => {
      const [row] = await transaction.$queryRaw<{ read: bigint }[]>`
        SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS read
        FROM pg_stat_xact_user_tables WHERE relname = 'assignments'`;
      return Number(row?.read ?? 0);
    };
    const before = await read();
    await conflictsOf(transaction, {
      given: [
        {
          principalId: person.id,
          roleDefinitionId: approve.id,
          resourceId: at.tree.subscription.id,
          schedule: { startsAt: now, endsAt: null },
        },
      ],
    });
    expect((await read()) - before).toBeLessThan(100);
  });
});
