import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identitiesOf } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { readablePaths, readableRow } from "@/lib/queries/audit/audit-conditions";
import { atOrBelow } from "@/lib/queries/resources/paths";

/** Whether the caller may read the log of any resource, so that rows lead to people's histories. */
export function readsLog(database: Database, caller: Caller): Promise<boolean> {
  return readOnce(database, async (transaction) => (await readablePaths(transaction, caller)).length > 0);
}

/**
 * The principal of a history that the caller may open: one of whom there is an event, or who has
 * access, at a resource whose log the caller may read. Null for any other, and for an unknown one.
 */
export function historySubject(
  database: Database,
  caller: Caller,
  principalId: string,
): Promise<PrincipalIdentity | null> {
  if (!isUuid(principalId)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const [id] = await shownHistories(transaction, caller, [principalId]);
    const [identity] = id ? await identitiesOf(transaction, [id]) : [];
    return identity ?? null;
  });
}

/**
 * The person whom an event that the caller may read names with an address, if the caller may open their
 * history. Otherwise null.
 */
export function historyOfOneIn(
  database: Database,
  caller: Caller,
  eventId: string,
  address: string,
): Promise<string | null> {
  if (!isUuid(eventId)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const mayRead = readableRow(caller, await readablePaths(transaction, caller));
    const [named] = await transaction.$queryRaw<{ id: string | null }[]>`
      SELECT CASE WHEN actor_email = ${address} THEN actor_id
        WHEN ${address} IN (target_email, target_external_id) THEN target_id END AS id
      FROM audit_events WHERE id = ${eventId}::uuid AND ${mayRead}`;
    const [id] = await shownHistories(transaction, caller, [named?.id ?? null]);
    return id ?? null;
  });
}

/** Those of some principals whose history the caller may open. */
export async function shownHistories(
  transaction: Transaction,
  caller: Caller,
  principalIds: readonly (string | null)[],
): Promise<string[]> {
  const paths = await readablePaths(transaction, caller);
  const ids = [...new Set(principalIds.filter((id) => id !== null))];
  if (paths.length === 0 || ids.length === 0) return [];
  if (paths === "everything") return ids;
  const there = readableRow(null, paths);
  const access = (table: "eligibilities" | "assignments") => Prisma.sql`EXISTS (
    SELECT FROM principal_and_groups(p.id) AS reached (id) JOIN ${Prisma.raw(table)} a ON a.principal_id = reached.id
    JOIN resources r ON r.id = a.resource_id WHERE ${atOrBelow(paths)})`;
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT p.id FROM principals p WHERE p.id = ANY (${ids}::uuid[]) AND (
      EXISTS (SELECT FROM audit_events WHERE actor_id = p.id AND ${there})
      OR EXISTS (SELECT FROM audit_events WHERE target_id = p.id AND ${there})
      OR ${access("eligibilities")} OR ${access("assignments")})`;
  return rows.map(({ id }) => id);
}
