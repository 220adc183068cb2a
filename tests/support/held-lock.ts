import pg from "pg";
import type { TestDatabase } from "./database";

/** A lock that a test holds, so that two things at once happen in an order that is the same each time. */
export interface HeldLock {
  /** Waits until so many others wait for a lock of this database. */
  waitedFor(others?: number): Promise<void>;
  release(): Promise<void>;
}

/** Takes the locks of a statement in a connection of its own, and holds them until they are released. */
export async function holdLock(test: TestDatabase, sql: string, parameters: unknown[]): Promise<HeldLock> {
  const client = new pg.Client({ connectionString: test.url });
  await client.connect();
  await client.query("BEGIN");
  const { rowCount } = await client.query(sql, parameters);
  if (rowCount === 0) throw new Error("there was nothing to lock");
  return {
    async waitedFor(others = 1) {
      for (let looks = 0; looks < 400; looks += 1) {
        // In a connection of its own: a transaction sees one moment of what the others do.
        const { rows } = await test.asOwner(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        if (rows.length >= others) return;
      }
      throw new Error(`fewer than ${others} wait for a lock`);
    },
    async release() {
      await client.query("COMMIT");
      await client.end();
    },
  };
}

/** Holds the settings of a role at a resource, as an edit of them does. */
export function holdPolicy(test: TestDatabase, roleDefinitionId: string, resourceId: string) {
  return holdLock(
    test,
    "SELECT id FROM role_management_policies WHERE role_definition_id = $1 AND resource_id = $2 FOR UPDATE",
    [roleDefinitionId, resourceId],
  );
}
