import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Administration, makeAdministration } from "../../support/administration";
import { entraUser, makeDirectory, scimOf } from "../../support/directories";
import { oddScimRequests, wellFormed } from "../../support/odd-scim";

/** The number of requests: some hundreds by default, POSTERN_SCIM_FUZZ in a long run. */
const runs = Number(process.env.POSTERN_SCIM_FUZZ ?? 400);

/** Another seed for each part of a long run, so that no two parts send the same requests. */
const seed = process.env.POSTERN_FUZZ_SEED ? { seed: Number(process.env.POSTERN_FUZZ_SEED) } : {};

/** In a long run everything is compared only after so many requests: comparing takes longer with more people. */
const every = Math.ceil(runs / 1_000);

let at: Administration;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
let foreign: { readonly id: string; readonly userName: string };
const users: string[] = [];
const groups: string[] = [];
beforeAll(async () => {
  at = await makeAdministration();
  directory = await makeDirectory(at);
  const other = await makeDirectory(at);
  foreign = (await other.scim("POST", "/Users", entraUser({ displayName: "Hidden Stranger" }))).body;
  for (let count = 0; count < 3; count += 1) {
    users.push((await directory.scim("POST", "/Users", entraUser())).body.id);
    groups.push((await directory.scim("POST", "/Groups", { displayName: `Group ${count}` })).body.id);
  }
});
afterAll(() => at.test.drop());

const request = oddScimRequests({ users, groups, foreign: () => foreign.id });

/** The data that the directory could have changed, and the length of the log. */
async function state() {
  const { rows } = await at.test.asOwner(
    `SELECT (SELECT count(*)::int FROM audit_events) AS events, md5(string_agg(each, ',' ORDER BY each)) AS rest
     FROM (SELECT concat_ws('|', id, display_name, email, external_id, disabled_at, directory_id) AS each FROM principals
       UNION ALL SELECT concat_ws('|', group_id, member_id) FROM group_members) x`,
  );
  return rows[0] as { events: number; rest: string };
}

async function refill(place: string): Promise<void> {
  const gone = place.split("/").at(-1)?.toLowerCase() ?? "";
  const [ofGroups, ofUsers] = [groups, users].map((list) => list.indexOf(gone));
  if (ofUsers !== undefined && ofUsers >= 0)
    users[ofUsers] = (await directory.scim("POST", "/Users", entraUser())).body.id;
  if (ofGroups !== undefined && ofGroups >= 0)
    groups[ofGroups] = (await directory.scim("POST", "/Groups", { displayName: `Group of ${gone}` })).body.id;
}

it(
  `answers ${runs} requests that make no sense, without a fault, a leak, or a change that is not in the log`,
  async () => {
    const scim = scimOf(at.database, directory.token);
    const statuses = new Map<number, number>();
    let before = await state();
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(request, async ({ method, place, parameters, text: sent, version }) => {
        const query = new URLSearchParams(
          parameters.map(([name, each]) => [wellFormed(name), wellFormed(each)]),
        );
        const answer = await scim(
          method,
          `${place}?${query}`,
          method === "GET" || method === "HEAD" ? undefined : sent,
          { headers: version === null ? {} : { "if-match": version, "if-none-match": version } },
        );
        // Deleted resources are created again, so that there is always something to change.
        if (method === "DELETE" && answer.status === 204) await refill(place);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expect(answer.status).toBeLessThan(500 + (answer.status === 501 ? 2 : 0));
        const said = JSON.stringify(answer.body);
        // A filter may name anything, but no answer contains data of another directory.
        expect(said).not.toContain("Hidden Stranger");
        expect(said).not.toContain(foreign.userName);
        expect(said).not.toContain(directory.token);
        expect(said).not.toMatch(/prisma|SELECT |pg_|node_modules|at .*\.ts:/i);
        if (answer.status >= 400 && answer.body !== null)
          expect(answer.body).toMatchObject({ status: String(answer.status) });
        asked += 1;
        if (asked % every !== 0) return;
        const after = await state();
        if (after.rest !== before.rest) expect(after.events).toBeGreaterThan(before.events);
        before = after;
      }),
      { numRuns: runs, endOnFailure: runs > 1_000, ...seed },
    );
    const { rows } = await at.test.asOwner("SELECT disabled_at, directory_id FROM principals WHERE id = $1", [
      foreign.id,
    ]);
    expect(rows[0].disabled_at).toBeNull();
    if (runs > 1_000) process.stdout.write(`${JSON.stringify(Object.fromEntries(statuses))}\n`);
  },
  60_000 + runs * 60,
);
