import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "@/lib/platform/database";
import { databaseRoles } from "@/lib/platform/database-roles";
import type { PrismaClient } from "@/lib/platform/generated/client";
import { ownDatabase } from "@/lib/server/database/database-roles";
import { type ReusableClient, reusableClient } from "./reusable-client";

/** A test's own database, with the means to inspect it and to drop it. */
export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** Runs SQL as the owner of the tables, beyond the application's rights. With a name, it is planned once. */
  asOwner(sql: string | pg.QueryConfig, parameters?: unknown[]): Promise<pg.QueryResult>;
  /** A connection of the owner's for several statements, which the caller releases. */
  ownersConnection(): Promise<pg.PoolClient>;
  drop(): Promise<void>;
}

/**
 * The names of databases that the tests of this worker have dropped. Each has a template of its own, in which
 * its roles already have their rights, since granting those takes longer than copying the database.
 */
const free: string[] = [];

/** The clients of this worker whose databases are dropped. */
const idle: ReusableClient[] = [];

/** The name of a database that does not exist, whose template is `NAME_template`. */
async function freeName(clusterUrl: string): Promise<string> {
  const known = free.pop();
  if (known) return known;
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onCluster(clusterUrl, `CREATE DATABASE ${name} TEMPLATE postern_template STRATEGY FILE_COPY`);
  await withOwner(clusterUrl.replace(/\/postgres$/, `/${name}`), ownDatabase);
  await onCluster(clusterUrl, `ALTER DATABASE ${name} RENAME TO ${name}_template`);
  return name;
}

/** Creates a migrated, empty database. With a clock, its transactions use that time. */
export async function createTestDatabase(options: { clock?: () => Date } = {}): Promise<TestDatabase> {
  const clusterUrl = inject("clusterUrl");
  const name = await freeName(clusterUrl);
  await onCluster(
    clusterUrl,
    `CREATE DATABASE ${name} TEMPLATE ${name}_template STRATEGY FILE_COPY`,
    // What a copy does not get from its template.
    `REVOKE ALL ON DATABASE ${name} FROM PUBLIC`,
  );
  const url = clusterUrl.replace(/\/postgres$/, `/${name}`);
  const owner = new pg.Pool({ connectionString: url, max: 20 });
  // A test that kills connections also kills these. The next request opens a new one.
  owner.on("error", () => {});
  const reused = idle.pop() ?? reusableClient();
  const opened = openDatabase({
    url,
    maximumConnections: 24,
    clock: options.clock,
    clientWith: reused.use,
  });
  const database = { ...opened, client: arranging(opened.client) };
  return {
    database,
    url,
    asOwner: (sql, parameters) => owner.query(sql, parameters),
    ownersConnection: () => owner.connect(),
    async drop() {
      await Promise.all([database.close(), owner.end()]);
      reused.done();
      idle.push(reused);
      const { serving, working } = databaseRoles(name);
      await onCluster(
        clusterUrl,
        `DROP DATABASE ${name} WITH (FORCE)`,
        `DROP ROLE IF EXISTS ${serving}, ${working}`,
      );
      free.push(name);
    },
  };
}

/** Tables that the application changes only with an event in the same transaction. */
const needsEvent = new Set([
  "principal",
  "groupMember",
  "roleDefinition",
  "roleManagementPolicy",
  "totpFactor",
  "factorPass",
  "factorReset",
  "passkey",
  "recoveryCode",
  "passwordCredential",
  "passwordTicket",
  "identityLink",
  "identityLinkPass",
  "breakGlassAccount",
  "breakGlassSignIn",
]);

/**
 * The client that a test uses. Writes to these tables outside a transaction set up the test, and run as the
 * owner of the tables. The product's own writes are in transactions, and must obey the rules.
 */
function arranging(client: PrismaClient): PrismaClient {
  return new Proxy(client, {
    get(whole, name) {
      const model = Reflect.get(whole, name);
      if (!needsEvent.has(String(name))) return model;
      return new Proxy(model, {
        get(part, verb) {
          const method = Reflect.get(part, verb);
          if (!/^(create|update|upsert|delete)/.test(String(verb))) return method;
          return (input: unknown) =>
            whole.$transaction(
              async (transaction) => {
                await transaction.$executeRaw`SET LOCAL ROLE NONE`;
                return Reflect.get(Reflect.get(transaction, name), verb)(input);
              },
              { maxWait: 30_000, timeout: 30_000 },
            );
        },
      });
    },
  });
}

/** The connection of this worker that creates and drops databases. */
let cluster: pg.Pool | null = null;

async function onCluster(url: string, ...statements: readonly string[]): Promise<void> {
  if (!cluster) {
    cluster = new pg.Pool({ connectionString: url, max: 1, allowExitOnIdle: true });
    // It ends with the cluster, after the last test.
    cluster.on("error", () => {});
  }
  for (const sql of statements) await cluster.query(sql);
}

async function withOwner<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
