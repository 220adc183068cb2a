import { existsSync } from "node:fs";
import type pg from "pg";
import { DatabaseClient } from "@/lib/platform/database-client";
import { readIdentityProviders } from "@/lib/platform/identity-providers";
import { connectionFault } from "@/lib/server/database/connection-fault";
import { installationOf } from "@/lib/server/database/installation";
import { otherSessionSecret } from "@/lib/server/database/kept-secrets";
import { checkConfiguration, checkTransport } from "@/lib/server/doctor/check-configuration";
import { checkMigrations, checkPooler, checkRights, checkServer } from "@/lib/server/doctor/check-database";
import {
  checkBackup,
  checkClock,
  checkKeys,
  checkProxyHeaders,
  checkSessionSecret,
  checkWorker,
} from "@/lib/server/doctor/check-running";
import { checkDirectories, checkFirstFactor } from "@/lib/server/doctor/check-sign-in";
import { checkAnswers, checkDisk, checkImports, checkMail } from "@/lib/server/doctor/check-surroundings";
import { checkTraces } from "@/lib/server/doctor/check-traces";
import { type Finding, findingsOf, type Settings } from "@/lib/server/doctor/finding";
import { errorText } from "@/scripts/parts/fault.mjs";

/**
 * Checks the installation that an environment names, from its settings to the mail server, and changes nothing.
 * A check that cannot be made says so. The others are made nevertheless.
 */
export async function examine(source: Settings): Promise<Finding[]> {
  const installation = installationOf(source);
  const url = source.POSTERN_URL || `http://localhost:${source.PORT || 3000}`;
  const checks: readonly (() => Promise<Finding[]>)[] = [
    async () => checkConfiguration(installation, source),
    async () => checkTransport(source),
    () => checkAnswers(url),
    () => ofDatabase(installation, source),
    () => checkMail(source),
    // Settings that prevent a start are a fault of the configuration.
    () => checkTraces(source).catch(() => []),
    async () => checkImports(source).catch(() => []),
    async () => (existsSync(installation.folder) ? checkDisk(installation.folder) : []),
  ];
  const findings: Finding[] = [];
  for (const check of checks) findings.push(...(await check()));
  return findings;
}

/** What a table, a function or a column is missing by: PostgreSQL's codes. */
const lacking = new Set(["42P01", "42883", "42703"]);

/** Why a check could not be made. Before the first start there is nothing to check. */
function uncheckedWhy(error: unknown): string {
  const said = errorText(error);
  const { code } = error as { readonly code?: string };
  return lacking.has(code ?? "") ? `the database is not migrated that far (${said})` : said;
}

/** The checks that read the database, on one connection. */
async function ofDatabase(
  installation: ReturnType<typeof installationOf>,
  source: Settings,
): Promise<Finding[]> {
  let client: pg.Client;
  try {
    client = new DatabaseClient({
      connectionString: installation.databaseUrl(),
      connectionTimeoutMillis: 10_000,
    });
    client.on("error", () => {});
    await client.connect();
  } catch (error) {
    return [
      findingsOf("database").fault(
        `it cannot be reached: ${connectionFault(error)}`,
        "Check DATABASE_URL, and that the database runs and lets this machine in.",
      ),
      ...[
        "pooler",
        "database rights",
        "migrations",
        "clock",
        "encryption keys",
        "session secret",
        "worker",
        "proxy headers",
        "backup",
        "first factor",
        "directories",
      ].map((check) => findingsOf(check).unchecked("it cannot be checked without the database")),
    ];
  }
  const checks: readonly (readonly [string, () => Promise<Finding[]>])[] = [
    ["database", () => checkServer(client)],
    ["pooler", () => checkPooler(installation.databaseUrl())],
    ["database rights", () => checkRights(client)],
    ["migrations", () => checkMigrations(client)],
    ["clock", () => checkClock(client)],
    ["encryption keys", async () => checkKeys(client, installation.encryptionKeys())],
    [
      "session secret",
      async () =>
        checkSessionSecret(client, [
          installation.sessionSecret(),
          otherSessionSecret(installation.folder, source),
        ]),
    ],
    ["worker", () => checkWorker(client)],
    ["proxy headers", () => checkProxyHeaders(client, source)],
    ["backup", () => checkBackup(client)],
    ["first factor", () => checkFirstFactor(client)],
    [
      "directories",
      async () => checkDirectories(client, readIdentityProviders(source.POSTERN_IDENTITY_PROVIDERS)),
    ],
  ];
  try {
    const findings: Finding[] = [];
    for (const [name, check] of checks)
      findings.push(
        // If one fails, for example because a table does not exist yet, the others are still made.
        ...(await check().catch((error) => [findingsOf(name).unchecked(uncheckedWhy(error))])),
      );
    return findings;
  } finally {
    await client.end();
  }
}
