import { PrismaPg } from "@prisma/adapter-pg";
import { rolesAt } from "@/lib/platform/database-roles";
import { type Prisma, PrismaClient } from "@/lib/platform/generated/client";
import { statementNames } from "@/lib/platform/prepared-statements";

/** The database as one part of the program sees it: a client, and how its transactions tell the time. */
export interface Database {
  readonly client: PrismaClient;
  /** Moves the database's clock inside each transaction, where the database lets it: in tests and the demo seed. */
  readonly clock?: () => Date;
  close(): Promise<void>;
}

export type Transaction = Prisma.TransactionClient;

export interface DatabaseOptions {
  readonly url: string;
  readonly maximumConnections?: number;
  readonly clock?: () => Date;
}

/**
 * The role that every serving connection to this database acts as; migrations grant it what it may do (docs/rules.md,
 * rule 9).
 */
export function applicationRoleAt(url: string): string {
  return rolesAt(url).application;
}

/** Opens a pool whose every connection acts as the application's own database role. Connects on first use. */
export function openDatabase({ url, maximumConnections = 10, clock }: DatabaseOptions): Database {
  const connections = {
    connectionString: url,
    max: maximumConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    options: `-c role=${applicationRoleAt(url)} -c search_path=public -c default_transaction_isolation=read\\ committed -c statement_timeout=30000 -c idle_in_transaction_session_timeout=15000`,
  };
  const adapter = new PrismaPg(connections, { statementNameGenerator: statementNames() });
  const client = new PrismaClient({ adapter });
  return { client, clock, close: () => client.$disconnect() };
}
