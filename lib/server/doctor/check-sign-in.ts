import type pg from "pg";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { oneRow } from "@/lib/server/database/one-row";
import { type Finding, findingsOf } from "@/lib/server/doctor/finding";

/** Whether a password alone is enough to set up a first factor. In the demo it is, on purpose. */
export async function checkFirstFactor(client: pg.Client): Promise<Finding[]> {
  const of = findingsOf("first factor");
  const { loose, lacking } = await oneRow<{ loose: boolean; lacking: number }>(
    client,
    `SELECT r.first_factor = 'AnyoneSignedIn' AND NOT i.demo AS loose,
       (SELECT count(*)::int FROM principals p WHERE p.type = 'User' AND p.disabled_at IS NULL
         AND NOT EXISTS (SELECT FROM factors_in_force f WHERE f.user_id = p.id)) AS lacking
     FROM sign_in_rules r CROSS JOIN installation i`,
  );
  if (!loose) return [of.ok("a password alone is not enough to enrol one, or this is the demo")];
  return [
    of.warning(
      `anyone signed in may enrol one, so a stolen password is enough to; ${lacking} ${lacking === 1 ? "person has" : "people have"} none yet`,
      "On Sign-in and factors, set Who may enrol a first factor to a one-time pass.",
    ),
  ];
}

/** Whether each provider that links people by a directory has a directory of its own. */
export async function checkDirectories(
  client: pg.Client,
  providers: readonly Pick<IdentityProvider, "id" | "linkByDirectory">[],
): Promise<Finding[]> {
  const of = findingsOf("directories");
  const named = providers.flatMap(({ id, linkByDirectory }) =>
    linkByDirectory === undefined ? [] : [{ id, linkByDirectory }],
  );
  if (named.length === 0) return [of.ok("no identity provider links people by one")];
  const { rows } = await client.query<{ id: string; name: string }>(
    "SELECT id, name FROM directories WHERE ended_at IS NULL",
  );
  const meant = named.map(({ id, linkByDirectory }) => ({
    provider: id,
    linkByDirectory,
    directory: rows.find((row) => row.id === linkByDirectory.toLowerCase() || row.name === linkByDirectory),
  }));
  const findings = meant.flatMap(({ provider, linkByDirectory, directory }) =>
    directory
      ? []
      : [
          of.warning(
            `${provider} links people by ${linkByDirectory}, which is not there`,
            "Set linkByDirectory to the name or the id of a directory on the page Directories.",
          ),
        ],
  );
  for (const { id, name } of rows) {
    const several = meant.filter(({ directory }) => directory?.id === id).map(({ provider }) => provider);
    if (several.length > 1)
      findings.push(
        of.fault(
          `${several.join(" and ")} both link people by ${name}: whoever either vouches for comes in as its people`,
          "Leave linkByDirectory to the provider whose user ids the directory sends as external ids.",
        ),
      );
  }
  return findings.length > 0 ? findings : [of.ok(`${named.length} linked by, each by one provider`)];
}
