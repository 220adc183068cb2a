import type { Transaction } from "@/lib/platform/database";

/**
 * Makes this connection plan its statements anew, for the rows that the tables have by now. It keeps plans, also those of
 * foreign keys, that read a whole table if the table had few rows when they were made. PostgreSQL itself makes them anew
 * within a minute, but never within a transaction. So whatever writes many rows calls this before each part.
 */
export async function forgetPlans(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`DISCARD PLANS`;
}
