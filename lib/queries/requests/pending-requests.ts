import { waitsForDecision } from "@/lib/authority/request-basis";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { RequestType } from "@/lib/platform/generated/enums";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { type Place, readableAt } from "@/lib/queries/assignments/readable-access";
import { countRows } from "@/lib/queries/count-rows";
import { decidableAmong } from "@/lib/queries/requests/waiting-for-me";

const pageSize = 50;

export interface PendingRequestRow {
  readonly id: string;
  readonly requestType: RequestType;
  readonly durationMinutes: number | null;
  readonly createdAt: Date;
  readonly member: PrincipalIdentity;
  readonly requestor: PrincipalIdentity;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly justification: string | null;
  /** It waits for the caller's decision. */
  readonly forMe: boolean;
}

/**
 * Requests that wait for approval at a place, or anywhere, where the caller may read assignments; longest waiting
 * first, fifty a page. Null if there is nothing to read.
 */
export function listPendingRequests(
  database: Database,
  caller: Caller,
  place: Place,
  after: string | null,
): Promise<{ rows: readonly PendingRequestRow[]; next: string | null; total: number } | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, place);
    if (!readable) return null;
    // Many wait at few resources, so each resource is checked once.
    const mayBeRead =
      readable.reach === "few" || readable.reach === "many"
        ? Prisma.sql`(q.resource_id IN (SELECT id FROM places)) IS TRUE`
        : readable.of(Prisma.sql`q.resource_id`);
    const places = Prisma.sql`places AS MATERIALIZED (
      SELECT c.resource_id AS id
      FROM (SELECT DISTINCT resource_id FROM requests WHERE status = 'PendingApproval' OFFSET 0) c
      WHERE ${readable.of(Prisma.sql`c.resource_id`)})`;
    const total = await countRows(
      transaction,
      Prisma.sql`WITH ${places} SELECT FROM requests q
        WHERE q.status = 'PendingApproval' AND ${mayBeRead} AND ${waitsForDecision("q")}`,
    );
    const rows = await transaction.$queryRaw<Omit<PendingRequestRow, "forMe">[]>`
      WITH ${places}
      SELECT q.id, q.request_type::text AS "requestType", q.duration_minutes AS "durationMinutes",
        q.created_at AS "createdAt", ${identityColumn("p")} AS member,
        ${identityColumn("a")} AS requestor, d.role_name AS "roleName", r.id AS "resourceId",
        r.display_name AS "resourceName", q.justification
      FROM (SELECT * FROM requests q WHERE q.status = 'PendingApproval' AND ${mayBeRead}
        AND (${after}::uuid IS NULL OR q.id > ${after}::uuid) ORDER BY q.id OFFSET 0) q
      JOIN principals p ON p.id = q.principal_id JOIN principals a ON a.id = q.requestor_id
      JOIN role_definitions d ON d.id = q.role_definition_id JOIN resources r ON r.id = q.resource_id
      WHERE ${waitsForDecision("q")}
      ORDER BY q.id LIMIT ${pageSize + 1}`;
    const page = rows.slice(0, pageSize);
    const mine = await decidableAmong(
      transaction,
      caller,
      page.map((row) => row.id),
    );
    const shown = page.map((row) => ({ ...row, forMe: mine.has(row.id) }));
    return { rows: shown, total, next: rows.length > pageSize ? (shown.at(-1)?.id ?? null) : null };
  });
}
