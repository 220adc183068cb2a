import { scrypt } from "node:crypto";
import { promisify } from "node:util";
import type pg from "pg";
import { oneRow } from "@/lib/server/database/one-row";

const slowHash = promisify<string, string, number, Buffer>(scrypt);

/**
 * So few that they single no secret out: somebody who reads them and tries a list of guesses is left with one in 65,536
 * of it, after a slow hash for each. Two replicas with different secrets look alike as seldom.
 */
const bytes = 2;
/** A worker says every ten seconds that it is there. */
const aliveSeconds = 60;
const mostHosts = 10;

/** By what session secrets are told apart from others: the one that seals first, then one that opens too. */
export type SessionFingerprints = readonly Buffer[];

/** The fingerprints of this replica's secrets, which are of this installation alone. */
export async function sessionFingerprints(
  client: pg.Client,
  secrets: readonly (string | undefined)[],
): Promise<SessionFingerprints> {
  const { seededAt } = await oneRow<{ seededAt: Date | null }>(
    client,
    `SELECT seeded_at AS "seededAt" FROM installation`,
  );
  const salt = `postern session secret ${seededAt?.toISOString() ?? ""}`;
  return Promise.all(
    secrets.filter((secret) => secret !== undefined).map((secret) => slowHash(secret, salt, bytes)),
  );
}

/** The hosts of running workers whose replica does not open what this one seals, or seals what this one does not open. */
export async function hostsWithOtherSecrets(
  client: pg.Client,
  own: SessionFingerprints,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ host: string }>(
    `SELECT DISTINCT host FROM worker_instances
     WHERE stopped_at IS NULL AND seen_at > postern_now() - make_interval(secs => $1) AND session_secrets <> '{}'
       AND NOT (session_secrets[1] = ANY ($2::bytea[]) AND $3::bytea = ANY (session_secrets))
     ORDER BY host LIMIT $4`,
    [aliveSeconds, own, own[0], mostHosts],
  );
  return rows.map(({ host }) => host);
}
