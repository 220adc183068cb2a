import fc from "fast-check";
import type pg from "pg";
import { makeDirectoryToken } from "@/lib/identity/directories/directory-token";
import { entraUser } from "../directories";
import { oddScimRequests, wellFormed } from "../odd-scim";

/** Texts that no SCIM answer may contain: internals of the program, and another directory's names. */
const inside = /prisma|SELECT [\w*]|\bpg_|node_modules|at \S+\.[cm]?[jt]s:\d/i;

interface Sent {
  readonly requests: number;
  readonly statuses: ReadonlyMap<number, number>;
  /** Faulty answers, and changes without an event. */
  readonly faults: readonly string[];
}

/**
 * Sends malformed requests to the running product's SCIM service, over HTTP, as a directory created for this. After
 * every `every` requests everything that such a directory could change is compared: no change is without an event.
 */
export async function sendOddScim(
  url: string,
  owner: pg.Client,
  { count, seed, every }: { readonly count: number; readonly seed: number; readonly every: number },
): Promise<Sent> {
  const { token, tokenHash } = makeDirectoryToken();
  const { rows: made } = await owner.query<{ id: string; email: string; stranger: string }>(
    `WITH somebody AS (SELECT id, email FROM principals WHERE type = 'User' ORDER BY id LIMIT 1)
     INSERT INTO directories (name, created_by_id, token_hash, token_made_at, token_expires_at)
     SELECT 'Odd requests', id, $1, now(), now() + interval '1 day' FROM somebody
     RETURNING id, (SELECT email FROM somebody), created_by_id AS stranger`,
    [Buffer.from(tokenHash)],
  );
  const [directory] = made;
  if (!directory) throw new Error("no directory was made");
  const ask = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/scim/v2${path}`, {
      ...{ method, redirect: "manual" },
      ...(body === undefined ? {} : { body }),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json", ...headers },
    });
    return { status: answer.status, said: `${await answer.text()} ${JSON.stringify([...answer.headers])}` };
  };
  const create = async (path: string, sent: object) => {
    const { said } = await ask("POST", path, JSON.stringify(sent));
    return /"id":"([\w-]{36})"/.exec(said)?.[1] ?? "";
  };
  const [users, groups]: [string[], string[]] = [[], []];
  for (let each = 0; each < 3; each += 1) {
    users.push(await create("/Users", entraUser()));
    groups.push(await create("/Groups", { displayName: `Odd group ${each}` }));
  }
  const state = async () => {
    const { rows } = await owner.query<{ events: number; rest: string }>(
      `SELECT (SELECT count(*)::int FROM audit_events WHERE details ->> 'directoryId' = $1::text) AS events,
         md5(string_agg(each, ',' ORDER BY each)) AS rest
       FROM (SELECT concat_ws('|', id, display_name, email, external_id, disabled_at, directory_id) AS each
         FROM principals UNION ALL SELECT concat_ws('|', group_id, member_id) FROM group_members) x`,
      [directory.id],
    );
    return rows[0] ?? { events: 0, rest: "" };
  };
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  const arbitrary = oddScimRequests({ users, groups, foreign: () => directory.stranger });
  let before = await state();
  let requests = 0;
  for (let part = 0; requests < count && faults.length < 20; part += 1)
    for (const odd of fc.sample(arbitrary, {
      numRuns: Math.min(1_000, count - requests),
      seed: seed + part,
    })) {
      const query = new URLSearchParams(
        odd.parameters.map(([name, each]) => [wellFormed(name), wellFormed(each)]),
      );
      const bodiless = odd.method === "GET" || odd.method === "HEAD";
      const version: Record<string, string> =
        odd.version === null ? {} : { "if-match": odd.version, "if-none-match": odd.version };
      const answer = await ask(odd.method, `${odd.place}?${query}`, bodiless ? undefined : odd.text, version);
      requests += 1;
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (odd.method === "DELETE" && answer.status === 204) {
        const gone = odd.place.split("/").at(-1)?.toLowerCase() ?? "";
        if (users.includes(gone)) users[users.indexOf(gone)] = await create("/Users", entraUser());
        if (groups.includes(gone))
          groups[groups.indexOf(gone)] = await create("/Groups", { displayName: `Odd group of ${gone}` });
      }
      const wrong =
        (answer.status >= 500 && answer.status !== 501 && "a fault") ||
        (inside.exec(answer.said)?.[0] ?? null) ||
        (answer.said.includes(token) && "the token") ||
        (answer.said.includes(directory.email) && "somebody of nobody's directory");
      if (wrong)
        faults.push(
          `${wrong}: ${answer.status} ${odd.method} ${odd.place} ${query} ${odd.text}`.slice(0, 600),
        );
      if (requests % every !== 0) continue;
      const after = await state();
      if (after.rest !== before.rest && after.events <= before.events)
        faults.push(`changed without an event: ${odd.method} ${odd.place} ${odd.text}`.slice(0, 600));
      before = after;
    }
  return { requests, statuses, faults };
}
