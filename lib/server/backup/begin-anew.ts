import type pg from "pg";
import type { BackupHeader } from "@/lib/server/backup/frames";
import { logEvent } from "@/lib/server/backup/log-event";

/**
 * Ends what a backup must not bring back, in one transaction with the event of the restore: sessions, and everything
 * that works only once and may have been used, replaced or stopped since. Removes the mark of the restore.
 */
export async function beginAnew(client: pg.Client, { madeAt, version }: BackupHeader): Promise<void> {
  await client.query("BEGIN");
  const { rowCount: sessions } = await client.query(
    "UPDATE sessions SET ended_at = greatest(postern_now(), created_at) WHERE ended_at IS NULL",
  );
  await client.query(`
    UPDATE password_tickets SET replaced_at = postern_now() WHERE used_at IS NULL AND replaced_at IS NULL;
    UPDATE password_credentials SET expires_at = postern_now()
      WHERE must_change AND (expires_at IS NULL OR expires_at > postern_now());
    UPDATE factor_passes SET replaced_at = postern_now() WHERE used_at IS NULL AND replaced_at IS NULL;
    UPDATE factor_resets SET ended_at = postern_now(), outcome = 'Withdrawn' WHERE ended_at IS NULL;
    DELETE FROM identity_link_passes;
    DELETE FROM passkey_sign_ins;
    UPDATE installation SET setup_token_hashes = '{}';`);
  // A code works once (RFC 6238, section 5.2), and it is not known which were used since the backup. One step
  // ahead is accepted.
  await client.query(`UPDATE totp_factors
    SET last_used_step = greatest(last_used_step, floor(extract(epoch FROM clock_timestamp()) / 30)::bigint + 1)
    WHERE removed_at IS NULL AND confirmed_at IS NOT NULL`);
  await logEvent(client, "BackupRestored", {
    backupMadeAt: madeAt,
    backupVersion: version,
    sessionsEnded: sessions ?? 0,
  });
  await client.query("DROP TABLE restore_under_way");
  await client.query("COMMIT");
}
