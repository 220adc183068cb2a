import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { findExistingHolder } from "@/lib/operations/gate/existing-access";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeGroup, makeRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  test = await createTestDatabase();
  owner = new pg.Client({ connectionString: test.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await test.drop();
});

interface Explained {
  readonly "QUERY PLAN": readonly [{ readonly Plan: { readonly "Shared Hit Blocks": number } }];
}

const explain = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)";
const blocksOf = (explained: readonly Explained[]) =>
  explained[0]?.["QUERY PLAN"][0].Plan["Shared Hit Blocks"] ?? Number.NaN;

/** People of whom nobody asks here. */
async function makeOthers(count: number): Promise<void> {
  await owner.query(
    `INSERT INTO principals (type, display_name, email)
     SELECT 'User', 'Other ' || n, 'other-' || n || '@contoso.example' FROM generate_series(1, $1::int) n`,
    [count],
  );
}

/** The one statement that this work asks, as the driver would send it. */
async function questionOf(work: (transaction: Transaction) => Promise<unknown>) {
  const asked: Prisma.Sql[] = [];
  const transaction = {
    async $queryRaw(strings: TemplateStringsArray, ...values: unknown[]) {
      asked.push(Prisma.sql(strings, ...values));
      return [];
    },
  };
  await work(transaction as unknown as Transaction);
  const [question] = asked;
  if (!question) throw new Error("nothing was asked");
  const values = question.values.map((value) =>
    value instanceof Date ? value.toISOString() : Array.isArray(value) ? `{${value}}` : value,
  );
  return { text: question.text, values };
}

// The tables have grown, and PostgreSQL has not measured them since it made the plan.
describe("however many others there are", () => {
  it("somebody's groups are found by their memberships, with a plan from when there were few people", async () => {
    const user = await makeUser(test.database);
    const inner = await makeGroup(test.database, [user.id], "Inner");
    const outer = await makeGroup(test.database, [inner.id], "Outer");
    const ask = () => owner.query("SELECT principal_and_groups($1) AS id", [user.id]);
    await owner.query("SET plan_cache_mode = force_generic_plan");
    await ask();
    await makeOthers(6_000);
    const { rows } = await owner.query<Explained>(`${explain} SELECT principal_and_groups($1)`, [user.id]);
    // With room for a plan that is made again meanwhile. Each of the others takes three.
    expect(blocksOf(rows)).toBeLessThan(1_000);
    expect((await ask()).rows.map(({ id }) => id)).toEqual([user.id, inner.id, outer.id]);
  });

  it("what somebody holds is found by the person, where many hold the same role at the same place", async () => {
    const { database } = test;
    const tree = await makeTree(database);
    const role = await makeRole(database, "Contributor", { actions: ["*"] });
    const member = await makeUser(database, "Mia Member");
    const newcomer = await makeUser(database, "Nils Newcomer");
    await grant(database, "active", member.id, role.id, tree.subscription.id);
    const startsAt = new Date();
    const heldBy = (principalId: string) => ({
      assignmentType: "Active" as const,
      principalIds: [principalId],
      roleDefinitionId: role.id,
      resourceId: tree.subscription.id,
      schedule: { startsAt, endsAt: addDays(startsAt, 1) },
    });
    const { text, values } = await questionOf((transaction) =>
      findExistingHolder(transaction, heldBy(newcomer.id)),
    );
    await owner.query({ name: "held", text, values });
    await owner.query(
      `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
       SELECT p.id, $1, $2, 'Assigned', now() FROM principals p WHERE p.display_name LIKE 'Other %'`,
      [role.id, tree.subscription.id],
    );
    const literals = values.map((value) => pg.escapeLiteral(String(value)));
    const { rows } = await owner.query<Explained>(`${explain} EXECUTE held(${literals.join(", ")})`);
    expect(blocksOf(rows)).toBeLessThan(50);
    const holderAmong = (id: string) =>
      inTransaction(database, (transaction) => findExistingHolder(transaction, heldBy(id)));
    expect([await holderAmong(newcomer.id), await holderAmong(member.id)]).toEqual([null, member.id]);
  });
});
