import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applicationRoleAt } from "@/lib/platform/database";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { grant, makeRole, makeTree, makeUser } from "../support/factories";

/** Access without an event that names it cannot commit, however it is written (design section 2, rule 9). */
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let roleId: string;
let userId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  tree = await makeTree(test.database);
  roleId = (await makeRole(test.database, "Reader", { actions: ["*/read"] })).id;
  userId = (await makeUser(test.database)).id;
});
afterAll(() => test.drop());

/** What the database answers to these statements, one transaction as the application's role: SQLSTATE, or null. */
async function answerTo(...statements: string[]): Promise<string | null> {
  const client = new pg.Client({
    connectionString: test.url,
    options: `-c role=${applicationRoleAt(test.url)}`,
  });
  await client.connect();
  try {
    await client.query("BEGIN");
    for (const sql of statements) await client.query(sql);
    await client.query("COMMIT");
    return null;
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? "") : String(error);
  } finally {
    await client.end();
  }
}

const person = async () => (await makeUser(test.database)).id;
const insert = (id: string, table: string, principalId: string) => `
  WITH made AS (
    INSERT INTO ${table} (principal_id, role_definition_id, resource_id, ${table === "assignments" ? "assignment_type, " : ""} starts_at)
    VALUES ('${principalId}', '${roleId}', '${tree.group.id}', ${table === "assignments" ? "'Assigned', " : ""} now())
    RETURNING id)
  SELECT set_config('test.made_${id}', id::text, false) FROM made`;
const told = (id: string, table: string, outcome = "Success", when = "now()") => `
  INSERT INTO audit_events (kind, outcome, ${table === "assignments" ? "assignment_id" : "eligibility_id"})
  SELECT 'ActiveAssignmentAdded', '${outcome}', current_setting('test.made_${id}')::uuid WHERE ${when} IS NOT NULL`;
const missing = "23000";

describe.each(["assignments", "eligibilities"])("a row of %s", (table) => {
  it("cannot be added without an event of the same transaction that names it", async () => {
    expect(await answerTo(insert("a", table, await person()))).toBe(missing);
    expect(await answerTo(insert("a", table, await person()), told("a", table, "Failure")), "a refusal").toBe(
      missing,
    );
    expect(
      await answerTo(
        insert("a", table, await person()),
        insert("b", table, await person()),
        told("a", table),
      ),
      "another's event",
    ).toBe(missing);
    expect(
      await answerTo(insert("a", table, await person()), "SAVEPOINT s", told("a", table), "ROLLBACK TO s"),
      "an event taken back",
    ).toBe(missing);
    expect(
      await answerTo("SET CONSTRAINTS ALL IMMEDIATE", insert("a", table, await person()), told("a", table)),
      "asked at once",
    ).toBe(missing);
    const other = table === "assignments" ? "eligibilities" : "assignments";
    expect(
      await answerTo(insert("a", table, await person()), told("a", other)),
      "the other kind's event",
    ).toBe(missing);
  });

  it("can with one, before or after it, and within savepoints", async () => {
    expect(await answerTo(insert("a", table, await person()), told("a", table))).toBeNull();
    expect(
      await answerTo(
        "SAVEPOINT s",
        insert("a", table, await person()),
        told("a", table),
        "RELEASE s",
        "SAVEPOINT t",
        "ROLLBACK TO t",
      ),
    ).toBeNull();
  });

  it("cannot be ended, prolonged, moved, or given to another without one", async () => {
    const kind = table === "assignments" ? "active" : "eligible";
    const { id } = await grant(test.database, kind, await person(), roleId, tree.group.id);
    const event = `INSERT INTO audit_events (kind, outcome, ${table === "assignments" ? "assignment_id" : "eligibility_id"})
      VALUES ('ActiveAssignmentUpdated', 'Success', '${id}')`;
    for (const change of [
      "ends_at = now()",
      "ends_at = now() + interval '1 day'",
      "starts_at = starts_at - interval '1 day'",
      "removed_at = now()",
    ]) {
      const update = `UPDATE ${table} SET ${change} WHERE id = '${id}'`;
      expect(await answerTo(update), change).toBe(missing);
      expect(await answerTo(event), "an event of an earlier transaction").toBeNull();
      expect(await answerTo(update), change).toBe(missing);
      expect(await answerTo("SAVEPOINT s", update, "RELEASE s"), change).toBe(missing);
      expect(await answerTo(event, "SAVEPOINT s", update, "RELEASE s"), change).toBeNull();
    }
    for (const change of [
      `principal_id = '${userId}'`,
      `resource_id = '${tree.root.id}'`,
      `role_definition_id = '${roleId}'`,
      "created_at = now()",
      "origin = 'Api'",
      `id = '${randomUUID()}'`,
      ...(table === "assignments" ? ["assignment_type = 'Activated'", "eligibility_id = NULL"] : []),
    ])
      expect(await answerTo(event, `UPDATE ${table} SET ${change} WHERE id = '${id}'`), change).toBe("42501");
    expect(await answerTo(event, `DELETE FROM ${table} WHERE id = '${id}'`)).toBe("42501");
    // What only says that the log has told of an end is no change of access.
    expect(await answerTo(`UPDATE ${table} SET expiry_recorded_for = ends_at WHERE id = '${id}'`)).toBeNull();
  });
});

describe("an event of the log", () => {
  it("gets its time, place, id and transaction from the database alone", async () => {
    for (const [column, value] of [
      ["occurred_at", "'2020-01-01'"],
      ["sequence", "1"],
      ["id", `'${randomUUID()}'`],
      ["transaction_id", "'1'"],
    ])
      expect(
        await answerTo(
          `INSERT INTO audit_events (kind, outcome, ${column}) VALUES ('SignIn', 'Success', ${value})`,
        ),
        column,
      ).toBe("42501");
    expect(await answerTo("SELECT setval('audit_events_sequence_seq', 1)")).toBe("42501");
    expect(await answerTo("ALTER SEQUENCE audit_events_sequence_seq RESTART")).toBe("42501");
  });
});
