import { afterAll, beforeAll, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { beginAccessReview } from "@/lib/operations/access-reviews/begin-access-review";
import { loadReview } from "@/lib/operations/access-reviews/load-access-review";
import { inTransaction } from "@/lib/platform/transaction";
import { makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeGroup } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
const many = { people: 1_000, elsewhere: 4_000, here: 100 };
let test: TestDatabase;
let at: Awaited<ReturnType<typeof makeReviewed>>;
let everybody: { id: string };

/** A thousand people in one group, who have access elsewhere; of a hundred of them some below one resource group. */
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  at = await makeReviewed(test.database);
  everybody = await makeGroup(test.database, [], "Everybody");
  const below = await test.database.client.resource.create({
    data: {
      parentId: at.group.id,
      scope: `${at.group.scope}/providers/x/y/one`,
      displayName: "one",
      resourceType: "x/y",
    },
  });
  await test.asOwner(`SET session_replication_role = replica;
    INSERT INTO principals (type, display_name, email)
      SELECT 'User', 'P' || i, 'p' || i || '@many.example' FROM generate_series(1, ${many.people}) i;
    CREATE TEMP TABLE people AS
      SELECT id, row_number() OVER (ORDER BY id) n FROM principals WHERE email LIKE '%@many.example';
    INSERT INTO group_members (group_id, member_id, added_at) SELECT '${everybody.id}', id, '2025-01-01' FROM people;
    INSERT INTO resources (parent_id, scope, display_name, resource_type, path)
      SELECT '${at.root.id}', '/elsewhere/' || i, 'E' || i, 'x/y',
        (SELECT path FROM resources WHERE id = '${at.root.id}') || '.' || lpad(i::text, 8, '0') FROM generate_series(1, 4) i;
    INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
      SELECT p.id, '${at.reader.id}', r.id, 'Assigned', '2025-01-01' FROM people p, resources r WHERE r.scope LIKE '/elsewhere/%';
    INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
      SELECT p.id, '${at.contributor.id}', r.id, '2025-01-01' FROM people p, resources r WHERE r.scope LIKE '/elsewhere/%';
    INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
      SELECT id, '${at.reader.id}', '${below.id}', 'Assigned', '2025-01-01' FROM people WHERE n <= ${many.here};
    RESET session_replication_role; ANALYZE`);
}, 600_000);
afterAll(() => test.drop());

/** Begins a review. Returns how many rows of each table that read. */
async function begun(more: Partial<Parameters<typeof startReview>[2]>) {
  const reviewId = await startReview(test.database, at.rootOwner, {
    ...{ resourceId: at.group.id, includeBelow: true, startsAt: addDays(now, 1), ...more },
  });
  return inTransaction(test.database, async (transaction) => {
    const read = async () => {
      const rows = await transaction.$queryRaw<{ table: string; read: number }[]>`
        SELECT relname AS table, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::float8 AS read
        FROM pg_stat_xact_user_tables`;
      return new Map(rows.map((row) => [row.table, row.read]));
    };
    const review = await loadReview(transaction, reviewId, "use");
    if (!review) throw new Error("no such review");
    const before = await read();
    const result = await beginAccessReview(transaction, review, null, now);
    const after = await read();
    return { result, rows: (table: string) => (after.get(table) ?? 0) - (before.get(table) ?? 0) };
  });
}

it("a review with what lies below reads the access there, and no other", async () => {
  const { result, rows } = await begun({});
  expect(result).toEqual({ began: true, items: many.here });
  // Each item refers to its access and its person.
  expect(rows("assignments")).toBeLessThan(5 * many.here);
  expect(rows("eligibilities")).toBeLessThan(many.here);
  // Only groups have members.
  expect(rows("group_members")).toBeLessThan(many.people);
});

it("a review that would have too many items reads little more than those that are too many", async () => {
  for (const inactiveDays of [null, 30]) {
    const { result, rows } = await begun({ resourceId: at.root.id, inactiveDays });
    expect(result).toEqual({ began: false, because: "TooMany" });
    expect(rows("assignments") + rows("eligibilities")).toBeLessThan(2 * many.elsewhere - 1_000);
  }
});
