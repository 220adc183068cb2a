import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { rolesAt } from "@/lib/platform/database-roles";
import { withDirectReads } from "@/lib/platform/direct-reads";
import { type Prisma, PrismaClient } from "@/lib/platform/generated/client";
import { statementNames } from "@/lib/platform/prepared-statements";

/** The database for one part of the program: a client, and the clock of its transactions. */
export interface Database {
  readonly client: PrismaClient;
  /** The same, for single reads outside of transactions: its raw queries go past Prisma. */
  readonly reads: PrismaClient;
  /** Moves the database's clock inside each transaction if the database allows it: in tests and the demo seed. */
  readonly clock?: () => Date;
  close(): Promise<void>;
}

export type Transaction = Prisma.TransactionClient;

export interface DatabaseOptions {
  readonly url: string;
  readonly maximumConnections?: number;
  readonly clock?: () => Date;
}

/** The role of every serving connection to this database. Migrations grant it its rights (docs/rules.md, rule 9). */
export function applicationRoleAt(url: string): string {
  return rolesAt(url).application;
}

/** Opens a pool whose connections act as the application's database role. Connects on first use. */
export function openDatabase({ url, maximumConnections = 10, clock }: DatabaseOptions): Database {
  const connections = {
    connectionString: url,
    max: maximumConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    options: `-c role=${applicationRoleAt(url)} -c search_path=public -c default_transaction_isolation=read\\ committed -c statement_timeout=30000 -c idle_in_transaction_session_timeout=15000`,
  };
  const pool = new pg.Pool(connections);
  // A connection that breaks while nobody uses it is replaced at the next use.
  pool.on("error", () => {});
  const nameOf = statementNames();
  const client = new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator: nameOf }) });
  const reads = withDirectReads(client, pool, nameOf);
  return {
    client,
    reads,
    clock,
    async close() {
      await client.$disconnect();
      await pool.end();
    },
  };
}
