import type pg from "pg";

/**
 * Adds an event about the whole installation to the log, as the owner of the tables. Administrators of the root
 * are notified.
 */
export async function logEvent(
  client: pg.Client,
  kind: "BackupMade" | "BackupRestored",
  details: object,
): Promise<void> {
  await client.query(
    `INSERT INTO audit_events (kind, outcome, details, resource_id, resource_name, scope, resource_path)
     SELECT $1, 'Success', $2, r.id, r.display_name, r.scope, r.path
     FROM (SELECT) one LEFT JOIN resources r ON r.parent_id IS NULL`,
    [kind, details],
  );
}
