import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import type { Installation } from "@/lib/server/database/installation";
import { newSessionSecret, sessionSecretFiles } from "@/lib/server/database/kept-secrets";
import { oneRow } from "@/lib/server/database/one-row";
import { replaceKept } from "@/lib/server/rotate/kept-file";

/** When the last session ends that began before a moment, or that is open now; null if there is none. */
async function lastEnd(client: pg.Client, begunBefore: Date | null): Promise<Date | null> {
  const { until } = await oneRow<{ until: Date | null }>(
    client,
    `SELECT max(expires_at) AS until FROM sessions
     WHERE ended_at IS NULL AND expires_at > now() AND created_at < coalesce($1, now())`,
    [begunBefore],
  );
  return until;
}

const minute = (moment: Date) =>
  moment
    .toISOString()
    .replace("T", " ")
    .replace(/:\d\d\.\d+Z$/, " UTC");

/**
 * Explains how to change a secret that comes from the environment, in steps between which replicas may be
 * restarted one by one.
 */
export async function sayHowToRotateSession(client: pg.Client): Promise<string[]> {
  const until = await lastEnd(client, null);
  return [
    `1. On every replica add POSTERN_OTHER_SESSION_SECRET=${newSessionSecret()}`,
    "   and restart one after another: all open both.",
    "2. On every replica exchange the values of POSTERN_SESSION_SECRET and POSTERN_OTHER_SESSION_SECRET,",
    "   and restart one after another: the new one seals.",
    "3. When the sessions that are open then have ended, remove POSTERN_OTHER_SESSION_SECRET and restart.",
    until ? `   Of those that are open now the last ends at ${minute(until)}.` : "   None is open now.",
    "Nobody is signed out by any of these steps. If the secret may be known to somebody, do the third at once:",
    "everybody then has to sign in again.",
  ];
}

/**
 * Changes the secret in the data folder. What the previous one sealed can still be opened, until
 * `finishSession`. Throws one line if the last change is not finished.
 */
export function rotateKeptSession({ folder, sessionSecret }: Installation): string[] {
  const former = join(folder, sessionSecretFiles.former);
  if (existsSync(former))
    throw new Error(
      "The last change of the session secret is not finished: npm run rotate -- session-secret --finish.",
    );
  // First, so that the secret of open sessions is available at any moment.
  replaceKept(former, sessionSecret());
  replaceKept(join(folder, sessionSecretFiles.present), newSessionSecret());
  return [
    "The session secret is a new one from the next start on. Nobody is signed out.",
    "When the sessions of before have ended: npm run rotate -- session-secret --finish.",
    "If the secret may be known to somebody: npm run rotate -- session-secret --finish --sign-out at once, then",
    "restart: everybody then has to sign in again.",
  ];
}

/**
 * Removes the previous secret from the data folder. Throws one line while open sessions may need it, unless
 * they are to end.
 */
export async function finishKeptSession(
  { folder }: Installation,
  client: pg.Client,
  signOut: boolean,
): Promise<string[]> {
  const former = join(folder, sessionSecretFiles.former);
  if (!existsSync(former)) return ["There is no former session secret."];
  const until = await lastEnd(client, statSync(former).ctime);
  if (until && !signOut)
    throw new Error(
      `Sessions are open that need the former secret, the last until ${minute(until)}. Wait, or sign them out with --sign-out.`,
    );
  // A start that was interrupted between the two files of a change has the old one in both.
  const same =
    readFileSync(former, "utf8") === readFileSync(join(folder, sessionSecretFiles.present), "utf8");
  rmSync(former);
  return same
    ? ["The change was cut off before there was a new secret: begin it again."]
    : ["The former session secret is gone from the next start on."];
}
