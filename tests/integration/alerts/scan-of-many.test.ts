import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wholeTree } from "@/lib/authority/alerts/alert-finding";
import { owners } from "@/lib/authority/alerts/find-owners";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { findAlerts } from "@/lib/operations/alerts/find-alerts";
import { staleAccounts } from "@/lib/operations/alerts/find-people-alerts";
import { cannotProve } from "@/lib/operations/alerts/find-unproven";
import type { Caller } from "@/lib/platform/caller";
import { type Database, openDatabase, type Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { listAlerts } from "@/lib/queries/alerts/alerts";
import { highestOpen, openAlerts } from "@/lib/queries/alerts/open-alerts";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeOwnerRole, makeRole, makeTree, makeUser } from "../../support/factories";

const many = { people: 400, places: 200, eligibilities: 4_000, alerts: 8_000 };
/** No provider confirms anything. */
const nobody = { any: [], phishingResistant: [] };
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let owner: Caller;

/**
 * An organisation in which everybody but one has a passkey, signs in and activates their eligible roles,
 * including Owner.
 */
beforeAll(async () => {
  test = await createTestDatabase();
  tree = await makeTree(test.database);
  await makeOwnerRole(test.database);
  const user = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", user.id, ownerRoleId, tree.root.id);
  owner = await makeCaller(test.database, user);
  const role = (await makeRole(test.database, "Operator", { actions: ["x/y"] })).id;
  const other = (await makeRole(test.database, "Reader", { actions: ["*/read"] })).id;
  await test.asOwner(`SET session_replication_role = replica;
    INSERT INTO resources (parent_id, scope, display_name, resource_type, path)
      SELECT r.id, r.scope || '/providers/x/y/vm-' || n, 'vm-' || n, 'x/y', 'new' || n FROM resources r, generate_series(1, ${many.places}) n WHERE r.id = '${tree.group.id}';
    UPDATE resources SET path = (SELECT path FROM resources WHERE id = '${tree.group.id}') || '.' || replace(id::text, '-', '') WHERE path LIKE 'new%';
    INSERT INTO principals (type, display_name, email, created_at)
      SELECT 'User', 'P' || i, 'p' || i || '@many.example', now() - interval '400 days' FROM generate_series(1, ${many.people}) i;
    CREATE TEMP TABLE people AS SELECT id, row_number() OVER (ORDER BY id) n FROM principals WHERE email LIKE '%@many.example';
    CREATE TEMP TABLE places AS SELECT id, path, row_number() OVER (ORDER BY id) n FROM resources WHERE resource_type = 'x/y';
    INSERT INTO sessions (ip_address, user_agent, user_id, secret_hash, expires_at, last_seen_at, created_at)
      SELECT '', '', id, sha256((id::text || k)::bytea), now() + interval '1 day', now() - (k || ' days')::interval, now() - interval '100 days' FROM people, generate_series(1, 5) k;
    INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at, ends_at)
      SELECT p.id, '${role}', r.id, now() - interval '60 days', now() + interval '90 days'
      FROM people p JOIN places r ON r.n % 20 = p.n % 20;
    INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, eligibility_id, starts_at, ends_at)
      SELECT e.principal_id, CASE WHEN random() < 0.2 THEN '${ownerRoleId}'::uuid ELSE '${role}'::uuid END, e.resource_id, 'Activated', e.id, now() - k * interval '1 day', now() - k * interval '1 day' + interval '8 hours' FROM eligibilities e, unnest(ARRAY[55, 35, 15]) k;
    INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at, ends_at)
      SELECT p.id, '${other}', r.id, 'Assigned', now() - interval '60 days', now() + interval '90 days'
      FROM people p JOIN places r ON r.n % 100 = p.n % 100;
    INSERT INTO audit_events (kind, outcome, actor_id, target_id, resource_id, role_definition_id, assignment_id, ip_address, occurred_at)
      SELECT 'RoleActivated', 'Success', a.principal_id, a.principal_id, a.resource_id, a.role_definition_id, a.id, '192.0.2.1', now() - interval '8 days' - random() * interval '60 days' FROM assignments a WHERE a.assignment_type = 'Activated';
    INSERT INTO audit_events (kind, outcome, actor_id, occurred_at)
      SELECT 'SignIn', 'Success', id, now() - k * interval '1 day' FROM people, generate_series(1, 5) k;
    INSERT INTO alerts (kind, resource_id, subject, details, severity, raised_at, seen_at, resolved_at)
      SELECT 'UnusualActivation', r.id, 's' || k, '{}', 'Medium', now() - interval '9 days', now() - interval '9 days', CASE WHEN k > 2 THEN now() END FROM places r, generate_series(1, ${many.alerts / many.places}) k;
    INSERT INTO passkeys (user_id, credential_id, public_key, counter, name, backup_eligible, backed_up)
      SELECT id, decode(replace(id::text, '-', ''), 'hex'), 'x', 0, 'Key', false, false FROM people WHERE n > 1;
    RESET session_replication_role; ANALYZE`);
}, 600_000);
afterAll(() => test.drop());

/** How many rows of each table the work reads. */
async function rowsRead(transaction: Transaction, work: () => Promise<unknown>) {
  const read = async () => {
    const rows = await transaction.$queryRaw<{ table: string; read: number }[]>`
      SELECT relname AS table, (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::float8 AS read
      FROM pg_stat_xact_user_tables`;
    return new Map(rows.map((row) => [row.table, row.read]));
  };
  const before = await read();
  await work();
  const after = await read();
  return (table: string) => (after.get(table) ?? 0) - (before.get(table) ?? 0);
}
const read = (work: (transaction: Transaction) => Promise<unknown>) =>
  inTransaction(test.database, (transaction) => rowsRead(transaction, () => work(transaction)));

describe("a scan of a large organisation", () => {
  it("looks at the access only of people who have not signed in for long", async () => {
    const rows = await read((transaction) => staleAccounts(transaction, 1_000));
    expect(rows("eligibilities") + rows("assignments")).toBeLessThan(100);
    expect(rows("sessions")).toBeLessThan(2 * many.people);
  });

  it("looks at the eligibilities only of people who lack a factor, and at no other resource", async () => {
    const rows = await read(async (transaction) =>
      expect((await cannotProve(transaction, 1_000, nobody)).findings).toHaveLength(many.places / 20),
    );
    expect(rows("eligibilities")).toBeLessThan(many.eligibilities / 4);
    expect(rows("resources")).toBeLessThan(5 * (many.places / 20));
  });

  it("finds who is assigned Owner without reading everybody who ever activated it", async () => {
    const rows = await read((transaction) => owners(transaction, "TooManyOwners", 1_000, wholeTree));
    expect(rows("assignments")).toBeLessThan(100);
  });

  it("reads each eligibility and its newest activation once, however often it was activated", async () => {
    const rows = await read((transaction) => findAlerts(transaction, 1_000, nobody));
    expect(rows("eligibilities")).toBeLessThan(2 * many.eligibilities);
    expect(rows("assignments")).toBeLessThan(1.5 * many.eligibilities);
  });
});

describe("what pages read of many alerts", () => {
  /** How many rows were read, after the backends that read them have ended. */
  const alertsRead = async (backends: readonly number[] = []) => {
    const ended = async () =>
      (await test.asOwner("SELECT FROM pg_stat_activity WHERE pid = ANY ($1)", [backends])).rowCount;
    await expect.poll(ended, { timeout: 10_000 }).toBe(0);
    const { rows } = await test.asOwner(
      "SELECT (seq_tup_read + idx_tup_fetch)::float8 AS read FROM pg_stat_user_tables WHERE relname = 'alerts'",
    );
    return Number(rows[0].read);
  };
  const backendsNow = async () => {
    const { rows } = await test.asOwner(
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'",
    );
    return rows.map(({ pid }) => Number(pid));
  };
  const list = (state: "open" | "resolved") => (database: Database) =>
    listAlerts(database, owner, tree.root.id, { state, kind: null, after: null });

  it.each([
    ["how many are open, at the root", (at: Database) => highestOpen(at, owner, tree.root), 400],
    ["how many are open, at one resource", (at: Database) => highestOpen(at, owner, tree.group), 400],
    ["the open ones of home", (at: Database) => openAlerts(at, owner), 600],
    ["the list of open ones", list("open"), 3_000],
    ["the list of resolved ones", list("resolved"), 3_000],
  ])("is bounded: %s", async (_, query, most) => {
    const [others, before] = [new Set(await backendsNow()), await alertsRead()];
    const database = openDatabase({ url: test.url, maximumConnections: 1 });
    await query(database);
    const own = (await backendsNow()).filter((pid) => !others.has(pid));
    await database.close();
    const rows = (await alertsRead(own)) - before;
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(most);
  });
});
