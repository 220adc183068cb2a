import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import type { AuditEvent } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import { type LoggedEvent, withApprovers } from "@/lib/queries/audit/approvers";
import { type AuditFilter, auditConditions, readablePaths } from "@/lib/queries/audit/audit-conditions";
import {
  type AuditCursor,
  type AuditPosition,
  findPlaces,
  placeLimits,
} from "@/lib/queries/audit/audit-places";

export const auditPageSize = 40;

/** A page of the log, newest first, and where the pages before and after it begin. Null at either end. */
export interface AuditPage {
  readonly events: readonly LoggedEvent[];
  /** Towards older events. */
  readonly next: AuditCursor | null;
  /** Towards newer events. */
  readonly previous: AuditCursor | null;
}

/**
 * A page of the events that the caller may read, newest first. Their own are always included. Events of a resource
 * are if they may read the log at it or above. Events without a resource (sign-ins, factors) are if they may read it
 * at the root. A page of newer events that is not full becomes the first page. A person's history has only what
 * happened at resources whose log the caller may read, even if the caller did it.
 */
export function auditPage(
  database: Database,
  caller: Caller,
  filter: AuditFilter,
  position: AuditPosition | null,
  limit = auditPageSize,
  limits = placeLimits,
): Promise<AuditPage> {
  return readOnce(database, async (transaction) => {
    const conditions = await auditConditions(transaction, caller, filter);
    if (conditions === null) return { events: [], next: null, previous: null };
    // One's own events may always be read.
    const paths = filter.own ? "everything" : await readablePaths(transaction, caller);
    const own = filter.personId === null ? caller : null;
    const find = (at: AuditPosition | null) =>
      findPlaces(transaction, { ...conditions, position: at, own, paths, limit }, limits);
    let at = position;
    let rows = await find(at);
    if (at?.towards === "newer" && rows.length <= limit) {
      at = null;
      rows = await find(at);
    }
    const more = rows.length > limit;
    const nearest = rows.slice(0, limit);
    const shown = at?.towards === "newer" ? nearest.toReversed() : nearest;
    const found = await eventsById(
      transaction,
      shown.map((row) => row.id),
    );
    const events = await withApprovers(transaction, found);
    const [first, last] = [shown.at(0) ?? null, shown.at(-1) ?? null];
    if (at?.towards === "newer") return { events, next: last, previous: more ? first : null };
    return { events, next: more ? last : null, previous: at === null ? null : first };
  });
}

/**
 * Events by their ids, newest first. The statement is written out, since every page of the log waits
 * for it (docs/decisions/speed.md).
 */
function eventsById(transaction: Transaction, ids: readonly string[]): Promise<AuditEvent[]> {
  return transaction.$queryRaw<AuditEvent[]>`
    SELECT ${planOnce} id, sequence, occurred_at AS "occurredAt", kind, outcome::text, actor_id AS "actorId",
      actor_name AS "actorName", actor_email AS "actorEmail", target_id AS "targetId", target_name AS "targetName",
      target_type::text AS "targetType", target_email AS "targetEmail", target_external_id AS "targetExternalId",
      role_definition_id AS "roleDefinitionId", role_name AS "roleName", resource_id AS "resourceId",
      resource_name AS "resourceName", scope, resource_path AS "resourcePath", request_id AS "requestId",
      eligibility_id AS "eligibilityId", assignment_id AS "assignmentId", proof_id AS "proofId", factor::text,
      justification, ticket_number AS "ticketNumber", ticket_system AS "ticketSystem", session_id AS "sessionId",
      ip_address AS "ipAddress", user_agent AS "userAgent", correlation_id AS "correlationId",
      failed_rules AS "failedRules", details
    FROM audit_events WHERE id = ANY (${[...ids]}::uuid[]) ORDER BY occurred_at DESC, sequence DESC`;
}

/** The same from a place towards older events, for exports. */
export function listAuditEvents(
  database: Database,
  caller: Caller,
  filter: AuditFilter,
  after: AuditCursor | null,
  limit = auditPageSize,
): Promise<AuditPage> {
  return auditPage(database, caller, filter, after && { from: after, towards: "older" }, limit);
}

/** Where somebody may read the log now, as text to compare with an earlier answer. */
export function auditReach(database: Database, caller: Caller): Promise<string> {
  return readOnce(database, async (transaction) => JSON.stringify(await readablePaths(transaction, caller)));
}
