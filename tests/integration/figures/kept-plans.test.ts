import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Caller } from "@/lib/platform/caller";
import { type Database, openDatabase } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { reviewsForMe } from "@/lib/queries/access-reviews/reviews-for-me";
import { eligibleRoles, wholeList } from "@/lib/queries/activation/my-roles";
import { highestOpen } from "@/lib/queries/alerts/open-alerts";
import { listExtensionRequests } from "@/lib/queries/assignments/extension-requests";
import { accessFigures } from "@/lib/queries/figures/access-figures";
import { accessNow } from "@/lib/queries/figures/access-now";
import { bundles } from "@/lib/queries/preferences/bundles";
import { readShell } from "@/lib/queries/preferences/shell";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { myRequests } from "@/lib/queries/requests/requests";
import { countWaitingForMe } from "@/lib/queries/requests/waiting-for-me";
import { childrenOf } from "@/lib/queries/resources/resource-tree";
import { exceptionsToDecide } from "@/lib/queries/roles/exceptions-to-decide";
import { listRoles } from "@/lib/queries/roles/role-list";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
let root: string;
let path: string;
let caller: Caller;

beforeAll(async () => {
  test = await createTestDatabase();
  const tree = await makeTree(test.database);
  root = tree.root.id;
  path = tree.root.path;
  const role = await makeRole(test.database, "Everything", { actions: ["*"] });
  caller = await makeCaller(test.database, await makeUser(test.database));
  await grant(test.database, "active", caller.userId, role.id, root);
});
afterAll(() => test.drop());

/** PostgreSQL's record of one prepared statement. */
interface Prepared {
  readonly statement: string;
  readonly generic: bigint;
  readonly custom: bigint;
}

/** Runs it on the connection that keeps plans, which a statement uses from the second time on. */
async function askWithPlans<Row>(database: Database, question: Prisma.Sql): Promise<Row[]> {
  await database.reads.$queryRaw(question);
  return database.reads.$queryRaw<Row[]>(question);
}

/**
 * The statements of one connection that keeps plans, after rendering a page so many times. `auto`: PostgreSQL
 * decides itself.
 */
async function preparedBy(
  read: (database: Database) => Promise<unknown>,
  { times, auto }: { readonly times: number; readonly auto: boolean },
): Promise<Prepared[]> {
  const database = openDatabase({ url: test.url, maximumConnections: 1 });
  try {
    if (auto)
      await askWithPlans(database, Prisma.sql`SELECT set_config('plan_cache_mode', 'auto', false) AS mode`);
    for (let page = 0; page < times; page += 1) await read(database);
    const found = await askWithPlans<Prepared>(
      database,
      Prisma.sql`SELECT statement, generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements`,
    );
    const marked = found.filter(({ statement }) => statement.includes(planOnce.sql));
    expect(marked).not.toEqual([]);
    return marked;
  } finally {
    await database.close();
  }
}

/** The statements that PostgreSQL would plan anew each time, after as many pages as it needs to compare plans. */
async function plannedAnew(read: (database: Database) => Promise<unknown>): Promise<string[]> {
  const prepared = await preparedBy(read, { times: 8, auto: true });
  return prepared.flatMap(({ statement, generic }) =>
    generic === 0n ? [statement.trim().slice(0, 300)] : [],
  );
}

const everywhere = { resourceId: null, below: true } as const;
const asked = { days: 7, timeZone: "UTC", points: 12 } as const;
const pages: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
  "a dashboard": (database) => accessFigures(database, caller, everywhere, asked),
  "an overview": (database) => accessFigures(database, caller, { resourceId: root, below: false }, asked),
  "the figures of Home": (database) => accessNow(database, caller, everywhere),
  "the bundles of Home": (database) => bundles(database, caller),
  "the roles of a resource": (database) => listRoles(database, root, { search: "", used: false, after: "" }),
  "the alert of a resource's pane": (database) => highestOpen(database, caller, { id: root, path }),
  "what lies directly below": (database) => childrenOf(database, caller, [root]),
  "the shell": (database) => readShell(database, caller),
  "what waits for somebody": (database) => countWaitingForMe(database, caller),
  "My roles": (database) => eligibleRoles(database, caller, wholeList),
  "the requests to decide": (database) => requestsToDecide(database, caller, { search: "", after: null }),
  "requests for more time": (database) =>
    listExtensionRequests(database, caller, { resourceId: null, after: null, forMe: true }),
  "one's own requests": (database) => myRequests(database, caller, { before: null, waiting: true }),
  "the exceptions to decide": (database) => exceptionsToDecide(database, caller, 5),
  "one's reviews": (database) => reviewsForMe(database, caller),
};

describe("the plan is kept of", () => {
  it.each(Object.keys(pages))("%s", async (page) => {
    expect(await plannedAnew((database) => pages[page]?.(database) ?? Promise.reject(page))).toEqual([]);
  });
});

it("a page's statements are planned once on each connection, not five times before the plan is kept", async () => {
  const prepared = await preparedBy((database) => countWaitingForMe(database, caller), {
    times: 4,
    auto: false,
  });
  expect(prepared.map(({ generic, custom }) => ({ generic, custom }))).toContainEqual({
    generic: 3n,
    custom: 0n,
  });
  expect(prepared.filter(({ custom }) => custom > 0n)).toEqual([]);
});

it("no connection compiles a statement, which would take longer than to run it", async () => {
  const { reads, client } = test.database;
  const asked = () => reads.$queryRaw<object[]>`SELECT current_setting('jit') AS compiles`;
  // A statement that runs the first time is not kept.
  await asked();
  expect(await asked()).toEqual([{ compiles: "off" }]);
  const within = client.$transaction(
    (transaction) => transaction.$queryRaw<object[]>`SELECT current_setting('jit') AS compiles`,
  );
  expect(await within).toEqual([{ compiles: "off" }]);
});
