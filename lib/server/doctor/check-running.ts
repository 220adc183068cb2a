import type pg from "pg";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { unreadableKeys } from "@/lib/server/database/encryption-keys";
import { oneRow } from "@/lib/server/database/one-row";
import { hostsWithOtherSecrets, sessionFingerprints } from "@/lib/server/database/session-fingerprints";
import { type Finding, findingsOf, type Settings } from "@/lib/server/doctor/finding";

/** How much the clocks may differ. A code of an app is valid for thirty seconds. */
const clockWarningSeconds = 2;
const clockFaultSeconds = 20;

/**
 * How much this machine's clock differs from the database's, which decides. The machine's clock is used to
 * check certificates and the tokens of identity providers. `here` is the clock to compare, in milliseconds.
 */
export async function checkClock(client: pg.Client, here = () => Date.now()): Promise<Finding[]> {
  const of = findingsOf("clock");
  // The connection is open by the second question, so that the round trip is as long as later ones.
  await client.query("SELECT 1");
  const before = here();
  const { ms } = await oneRow<{ ms: string }>(
    client,
    "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS ms",
  );
  const after = here();
  const seconds = Math.round((Number(ms) - (before + after) / 2) / 100) / 10;
  const size = Math.abs(seconds);
  const found = `this machine's is ${size} s ${seconds > 0 ? "behind" : "before"} the database's`;
  const todo = "Keep both by NTP (timedatectl status).";
  if (size >= clockFaultSeconds) return [of.fault(found, todo)];
  if (size >= clockWarningSeconds) return [of.warning(found, todo)];
  return [of.ok(`${size} s from the database's`)];
}

/** Whether what is stored can be decrypted, and is encrypted with the first key. */
export async function checkKeys(client: pg.Client, text: string): Promise<Finding[]> {
  const of = findingsOf("encryption keys");
  const keys = readEncryptionKeys(text);
  const unreadable = await unreadableKeys(client, keys);
  if (unreadable.length > 0)
    return [
      of.fault(
        `${unreadable.join(", ")} is missing or has other digits than the database knows it by`,
        "Put it back into POSTERN_ENCRYPTION_KEYS: without it authenticator apps stop working.",
      ),
    ];
  const { rows } = await client.query<{ id: string; secrets: string }>(
    "SELECT id, secrets FROM encryption_keys_in_use() WHERE secrets > 0",
  );
  const older = rows.filter(({ id }) => id !== keys[0]?.id);
  if (older.length > 0)
    return [
      of.warning(
        `stored things are still under ${older.map(({ id }) => id).join(", ")}`,
        "The worker re-encrypts them within a quarter of an hour, or: npm run keys -- --re-encrypt.",
      ),
    ];
  return [of.ok(`${keys.length}, and everything stored is under the first`)];
}

/** Whether the replicas whose workers run open each other's sessions. `secrets` are this one's: that which seals first. */
export async function checkSessionSecret(
  client: pg.Client,
  secrets: readonly (string | undefined)[],
): Promise<Finding[]> {
  const of = findingsOf("session secret");
  const hosts = await hostsWithOtherSecrets(client, await sessionFingerprints(client, secrets));
  if (hosts.length > 0)
    return [
      of.fault(
        `it is another one here than on ${hosts.join(", ")}: people who sign in at one replica are signed out by the other`,
        "Set POSTERN_SESSION_SECRET alike on every replica; to change it, see docs/production.md.",
      ),
    ];
  return [of.ok("the workers that run have the same")];
}

/** Whether the worker runs and keeps up. */
export async function checkWorker(client: pg.Client): Promise<Finding[]> {
  const of = findingsOf("worker");
  const health = await oneRow<{
    state: string;
    seen_seconds: number | null;
    late_jobs: number;
    failing_jobs: number;
    waiting: number;
    waiting_seconds: number;
    dead_letters: number;
  }>(client, "SELECT * FROM worker_health()");
  const page = "Open Background jobs as a root administrator: it says why.";
  if (health.state === "absent")
    return [
      of.fault(
        health.seen_seconds === null ? "none runs" : `none was seen for ${health.seen_seconds} s`,
        "Run at least one replica without POSTERN_WORKER=0.",
      ),
    ];
  const findings: Finding[] = [];
  if (health.failing_jobs > 0) findings.push(of.fault(`${health.failing_jobs} jobs fail`, page));
  if (health.state === "late")
    findings.push(
      of.warning(
        `it is behind: ${health.late_jobs} jobs are late, ${health.waiting} notices wait, the oldest for ${health.waiting_seconds} s`,
        page,
      ),
    );
  if (health.dead_letters > 0)
    findings.push(of.warning(`${health.dead_letters} messages could not be delivered`, page));
  return findings.length > 0 ? findings : [of.ok(`seen ${health.seen_seconds} s ago`)];
}

const backupWarningDays = 7;

/** Whether a backup was made recently, by `npm run backup` or by a database that archives its log. */
export async function checkBackup(client: pg.Client): Promise<Finding[]> {
  const of = findingsOf("backup");
  const { archived, days } = await oneRow<{ archived: boolean; days: number | null }>(
    client,
    `SELECT current_setting('archive_mode') <> 'off' AS archived,
       (SELECT extract(epoch FROM now() - occurred_at) / 86400 FROM audit_events
        WHERE kind = 'BackupMade' AND outcome = 'Success' ORDER BY occurred_at DESC, sequence DESC LIMIT 1)::float AS days`,
  );
  const last =
    days === null ? "none was made with npm run backup" : `the last is ${Math.floor(days)} days old`;
  if (archived) return [of.ok(`the database archives its log; ${last}`)];
  if (days === null || days > backupWarningDays)
    return [of.warning(last, "npm run backup -- FILE, every night and to another machine; docs/backup.md.")];
  return [of.ok(last)];
}

/** How many people from one address suggest a proxy that is not configured. */
const suspiciousSignIns = 5;

/** Whether people's own addresses arrive, or a proxy's for all of them. */
export async function checkProxyHeaders(client: pg.Client, source: Settings): Promise<Finding[]> {
  const of = findingsOf("proxy headers");
  const { people, addresses, address, inside } = await oneRow<{
    people: number;
    addresses: number;
    address: string | null;
    inside: boolean | null;
  }>(
    client,
    `SELECT count(DISTINCT user_id)::int AS people, count(DISTINCT ip_address)::int AS addresses,
       min(ip_address) AS address,
       bool_and(ip_address ~ '^(127\\.|10\\.|192\\.168\\.|172\\.(1[6-9]|2\\d|3[01])\\.|::1$|f[cd])') AS inside
     FROM (SELECT user_id, ip_address FROM sessions WHERE created_at > now() - interval '7 days'
       ORDER BY created_at DESC LIMIT 1000) lately`,
  );
  if (people >= suspiciousSignIns && addresses === 1 && inside)
    return [
      of.warning(
        `${people} people signed in within a week, all of them from ${address}: that is a proxy's address`,
        "Set POSTERN_TRUSTED_PROXIES to how many stand in front, and let them add to X-Forwarded-For.",
      ),
    ];
  const trusted = source.POSTERN_TRUSTED_PROXIES || "0";
  const believed = `${trusted} ${trusted === "1" ? "proxy" : "proxies"} believed`;
  return [
    of.ok(
      people === 0
        ? `${believed}; nobody signed in lately`
        : `${believed}; ${people} people from ${addresses} ${addresses === 1 ? "address" : "addresses"} within a week`,
    ),
  ];
}
