import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "@/lib/platform/database";
import { databaseRoles } from "@/lib/platform/database-roles";
import type { PrismaClient } from "@/lib/platform/generated/client";
import { ownDatabase } from "@/lib/server/database/database-roles";

/** A database of a test's own, and the means to look into it and to end it. */
export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** Runs SQL as the owner of the tables, past what the application may do. */
  asOwner(sql: string, parameters?: unknown[]): Promise<pg.QueryResult>;
  drop(): Promise<void>;
}

/** Makes a migrated, empty database; with a clock, its transactions tell that time. */
export async function createTestDatabase(options: { clock?: () => Date } = {}): Promise<TestDatabase> {
  const clusterUrl = inject("clusterUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onCluster(clusterUrl, `CREATE DATABASE ${name} TEMPLATE postern_template`);
  const url = clusterUrl.replace(/\/postgres$/, `/${name}`);
  await withOwner(url, ownDatabase);
  const owner = new pg.Pool({ connectionString: url, max: 8 });
  // Whoever kills connections in a test kills these too: the next one asked for is a new one.
  owner.on("error", () => {});
  const opened = openDatabase({ url, maximumConnections: 24, clock: options.clock });
  const database = { ...opened, client: arranging(opened.client) };
  return {
    database,
    url,
    asOwner: (sql, parameters) => owner.query(sql, parameters),
    async drop() {
      await Promise.all([database.close(), owner.end()]);
      const roles = Object.values(databaseRoles(name));
      await onCluster(clusterUrl, `DROP DATABASE ${name} WITH (FORCE)`);
      await onCluster(clusterUrl, `DROP ROLE IF EXISTS ${roles.join(", ")}`);
    },
  };
}

/** What the application changes only with an event of the same transaction. */
const needsEvent = new Set([
  "principal",
  "groupMember",
  "roleDefinition",
  "roleManagementPolicy",
  "totpFactor",
  "recoveryCode",
  "passwordCredential",
  "passwordTicket",
]);

/**
 * The client as a test holds it: what it writes by itself of these, outside any transaction, is what the test starts
 * from, and is written as the owner of the tables. Whatever the product writes is in a transaction, and meets the rules.
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

function onCluster(url: string, sql: string, parameters?: unknown[]): Promise<pg.QueryResult> {
  return withOwner(url, (client) => client.query(sql, parameters));
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
