import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { applicationRoleAt } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await inTransaction(test.database, (transaction) =>
    recordAuditEvent(transaction, { kind: "SignIn", outcome: "Success" }),
  );
});
afterAll(() => test.drop());

/** Runs it as the application's role, in a session of its own. Returns the SQLSTATE; null if it was allowed. */
async function refusalOf(sql: string): Promise<string | null> {
  const client = new pg.Client({
    connectionString: test.url,
    options: `-c role=${applicationRoleAt(test.url)}`,
  });
  await client.connect();
  try {
    await client.query(sql);
    return null;
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? "") : String(error);
  } finally {
    await client.end();
  }
}

it("lets the application add to the log and read it, and nothing else", async () => {
  expect(
    await refusalOf("INSERT INTO audit_events (kind, outcome) VALUES ('SignOut', 'Success')"),
  ).toBeNull();
  expect(await refusalOf("SELECT count(*) FROM audit_events")).toBeNull();
  for (const sql of [
    "UPDATE audit_events SET actor_name = 'somebody else'",
    "DELETE FROM audit_events",
    "TRUNCATE audit_events CASCADE",
    "TRUNCATE requests CASCADE",
    "DELETE FROM requests",
    "ALTER TABLE audit_events DISABLE TRIGGER ALL",
    "ALTER TABLE audit_events DISABLE TRIGGER audit_events_refuse_change",
    "DROP TRIGGER audit_events_refuse_change ON audit_events",
    "DROP TABLE audit_events",
    "ALTER TABLE audit_events RENAME TO elsewhere",
    "ALTER TABLE audit_events OWNER TO CURRENT_USER",
    "CREATE RULE quiet AS ON INSERT TO audit_events DO INSTEAD NOTHING",
    "CREATE TRIGGER quiet BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
    "COPY audit_events FROM PROGRAM 'true'",
    "DELETE FROM assignments",
    "DELETE FROM principals",
    "DELETE FROM step_up_proofs",
    "UPDATE step_up_proofs SET spent_at = NULL",
    "UPDATE step_up_proofs SET expires_at = 'infinity'",
    "INSERT INTO step_up_proofs SELECT * FROM step_up_proofs",
    "UPDATE step_up_challenges SET operation_digest = 'x'",
    "UPDATE step_up_challenges SET user_id = gen_random_uuid()",
  ])
    expect(await refusalOf(sql), sql).toBe("42501");
});

it("refuses a change and a deletion to the owner of the tables too", async () => {
  for (const sql of [
    "UPDATE audit_events SET kind = 'x'",
    "DELETE FROM audit_events",
    "TRUNCATE audit_events CASCADE",
  ])
    await expect(test.asOwner(sql), sql).rejects.toThrow(/never changed or deleted/);
});

it("keeps no more of what somebody asked for in vain than a form takes, whatever they sent", async () => {
  const text = "\u{1F600}".repeat(300_000);
  const caller = { userAgent: text, ipAddress: text };
  const justification = text;
  const ticket = { ticketNumber: text, ticketSystem: text };
  const details = { error: "NotFound", requested: Array.from({ length: 2_000 }, () => "x".repeat(3_000)) };
  await inTransaction(test.database, (transaction) =>
    recordAuditEvent(transaction, {
      ...{ kind: "RoleSettingsUpdated", outcome: "Failure", caller, justification, ...ticket, details },
    }),
  );
  const where = { kind: "RoleSettingsUpdated" };
  const event = await test.database.client.auditEvent.findFirstOrThrow({ where });
  expect(event.details).toMatchObject({ error: "NotFound" });
  const stored = JSON.stringify({ ...event, sequence: String(event.sequence) });
  expect(stored.length).toBeLessThan(30_000);
});
