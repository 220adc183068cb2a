import pg from "pg";
import { connectionSettings } from "@/lib/platform/connection-settings";
import { DatabaseClient } from "@/lib/platform/database-client";
import { rolesAt } from "@/lib/platform/database-roles";
import { withDirectReads } from "@/lib/platform/direct-reads";
import { LendingAdapter, withDirectTransactions } from "@/lib/platform/direct-transactions";
import { type Prisma, PrismaClient } from "@/lib/platform/generated/client";
import { statementNames } from "@/lib/platform/prepared-statements";
import { longestStatement, type Patience, usualPatience } from "@/lib/platform/silent-hosts";

/** The database for one part of the program: a client, and the clock of its transactions. */
export interface Database {
  readonly client: PrismaClient;
  /** The same for single reads outside of transactions. Its raw queries bypass Prisma. */
  readonly reads: PrismaClient;
  /** Moves the database's clock inside each transaction, if the database allows it: in tests and the demo seed. */
  readonly clock?: () => Date;
  /** The connections of its pools at this moment. */
  pools(): readonly PoolState[];
  close(): Promise<void>;
}

export interface PoolState {
  readonly pool: "transactions" | "reads";
  readonly busy: number;
  readonly idle: number;
  readonly waiting: number;
  readonly most: number;
}

function stateOf(name: PoolState["pool"], pool: pg.Pool): PoolState {
  const { idleCount: idle, totalCount, waitingCount: waiting, options } = pool;
  return { pool: name, busy: totalCount - idle, idle, waiting, most: options.max };
}

export type Transaction = Prisma.TransactionClient;

export interface DatabaseOptions {
  readonly url: string;
  readonly maximumConnections?: number;
  readonly clock?: () => Date;
  /** For how long the database's host may be silent. */
  readonly patience?: Patience;
  /** Gives the client that uses this adapter. Tests give one that another database of theirs is done with. */
  readonly clientWith?: (adapter: LendingAdapter) => PrismaClient;
}

/** The role of every serving connection to this database. Migrations grant it its rights (docs/rules.md, rule 9). */
export function applicationRoleAt(url: string): string {
  return rolesAt(url).application;
}

/** How many connections at most keep the plans of single reads, besides those for everything else. */
const mostWithPlans = 4;

/**
 * Opens pools whose connections use the application's database role: one for transactions and for statements
 * that are planned for their values, and a small one for single reads, whose connections keep the plans.
 * Connects on first use.
 */
export function openDatabase({
  url,
  maximumConnections = 10,
  clock,
  patience = usualPatience,
  clientWith = (adapter) => new PrismaClient({ adapter }),
}: DatabaseOptions): Database {
  const connections = {
    connectionString: url,
    patience,
    Client: DatabaseClient,
    max: maximumConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
  };
  const settings = {
    role: applicationRoleAt(url),
    search_path: "public",
    default_transaction_isolation: "read committed",
    statement_timeout: String(longestStatement),
    idle_in_transaction_session_timeout: "15000",
    // No statement of ours runs long enough to be worth compiling, and plans for no values in particular look costly.
    jit: "off",
  };
  // A statement of a transaction need not wait for the answer to the one before: see lib/platform/running-transaction.ts.
  const pool = new pg.Pool({ ...connections, pipeline: true, ...connectionSettings(url, settings) });
  const withPlans = Math.min(mostWithPlans, maximumConnections);
  const kept = new pg.Pool({
    ...connections,
    max: withPlans,
    // What a page asks at the same time is sent together: see lib/platform/sent-together.ts.
    pipeline: true,
    // A new connection has no plans, so the first page after a minute of silence would be slow.
    min: withPlans,
    maxLifetimeSeconds: 3_600,
    // Otherwise each statement is planned five times before its plan is kept.
    ...connectionSettings(url, { ...settings, plan_cache_mode: "force_generic_plan" }),
  });
  // A connection that breaks while it is idle is replaced at the next use.
  for (const each of [pool, kept]) each.on("error", () => {});
  const nameOf = statementNames();
  const adapter = new LendingAdapter(pool, { statementNameGenerator: nameOf });
  const client = withDirectTransactions(clientWith(adapter), pool, nameOf);
  const reads = withDirectReads(client, { pool, kept }, nameOf);
  return {
    client,
    reads,
    clock,
    pools: () => [stateOf("transactions", pool), stateOf("reads", kept)],
    async close() {
      await client.$disconnect();
      await Promise.all([pool.end(), kept.end()]);
    },
  };
}
