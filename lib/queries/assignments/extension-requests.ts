import { extensionsDecidableBy } from "@/lib/authority/extension-authority";
import { asksMoreTime, orphaned } from "@/lib/authority/request-basis";
import { proposedEnd } from "@/lib/domain/assignments/renewal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { FoundWaiting } from "@/lib/domain/requests/waiting";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { countRows } from "@/lib/queries/count-rows";
import { type DirectSettings, directSettings } from "@/lib/queries/roles/direct-settings";

export const extensionsPageSize = 50;

/** A waiting request to extend or renew, with what an administrator needs to decide on it. */
export interface ExtensionRequest {
  readonly id: string;
  readonly asked: "Extend" | "Renew";
  readonly createdAt: Date;
  readonly requestor: PrincipalIdentity;
  readonly member: PrincipalIdentity;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly assignmentType: "Eligible" | "Active";
  readonly presentEnd: Date | null;
  /** The end has passed, so an approval creates a new assignment. */
  readonly ended: boolean;
  readonly requestedEnd: Date;
  readonly justification: string | null;
  readonly rules: DirectSettings;
  /** The caller asked for it or would gain from it through a group, so somebody else decides. */
  readonly own: boolean;
  /** The types that the caller may assign here. */
  readonly mayAssign: { readonly eligible: boolean; readonly active: boolean };
  /** The proposed end for the other type. */
  readonly proposedEnd: Date;
}

interface Row extends Omit<ExtensionRequest, "mayAssign" | "proposedEnd"> {
  /** The resource and those above it. */
  readonly ids: readonly string[];
  readonly presentStart: Date;
}

/** A resource at which the caller may assign as eligible or active now. */
interface Held {
  readonly resourceId: string;
  readonly eligible: boolean;
  readonly active: boolean;
}

/**
 * Which requests: those at one resource with everything below it, or anywhere; those after one of them, or a single
 * one.
 */
export interface ExtensionsFilter {
  readonly resourceId: string | null;
  readonly after: string | null;
  readonly only?: string;
  /**
   * Only requests that wait for the caller's decision (`extensionsDecidableBy`), or the first few of
   * those that were just found to do so.
   */
  readonly forMe?: boolean | { readonly found: FoundWaiting; readonly most: number };
}

/**
 * The waiting requests to extend or renew where the caller may assign, including their own, or only those that wait
 * for their decision. Oldest first, fifty a page. `after` is the id of the last one shown.
 */
export function listExtensionRequests(
  database: Database,
  caller: Caller,
  filter: ExtensionsFilter,
): Promise<{ now: Date; rows: ExtensionRequest[] }> {
  return readOnce(database, async (transaction) => {
    const { now, held } = await administered(transaction, caller);
    if (held.length === 0) return { now, rows: [] };
    const { after, only } = filter;
    const mine = waitingForCaller(caller, filter);
    const rows = await transaction.$queryRaw<Row[]>`
      ${planOnce} WITH reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(${caller.userId}::uuid) AS r (id))
      SELECT q.id, CASE q.request_type WHEN 'SelfExtend' THEN 'Extend' ELSE 'Renew' END AS asked,
        q.created_at AS "createdAt", ${identityColumn("asker")} AS requestor, ${identityColumn("p")} AS member,
        d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId",
        r.display_name AS "resourceName", path_ids(r.path)::text[] AS ids,
        CASE WHEN q.eligibility_id IS NULL THEN 'Active' ELSE 'Eligible' END AS "assignmentType",
        coalesce(e.starts_at, a.starts_at) AS "presentStart", coalesce(e.ends_at, a.ends_at) AS "presentEnd",
        coalesce(coalesce(e.ends_at, a.ends_at) <= postern_now(), FALSE) AS ended,
        q.ends_at AS "requestedEnd", q.justification,
        ${directSettings(Prisma.sql`d.id`, Prisma.sql`r.id`)} AS rules,
        q.requestor_id = ${caller.userId}::uuid OR q.principal_id IN (SELECT id FROM reached) AS own
      FROM requests q
      JOIN resources r ON r.id = q.resource_id
      JOIN principals p ON p.id = q.principal_id
      JOIN principals asker ON asker.id = q.requestor_id
      JOIN role_definitions d ON d.id = q.role_definition_id
      LEFT JOIN eligibilities e ON e.id = q.eligibility_id
      LEFT JOIN assignments a ON a.id = q.assignment_id
      WHERE ${waitingWhere(held, filter.resourceId)}
        AND ${mine}
        AND ${after === null ? Prisma.sql`TRUE` : Prisma.sql`q.id > ${after}::uuid`}
        AND ${only === undefined ? Prisma.sql`TRUE` : Prisma.sql`q.id = ${only}::uuid`}
      ORDER BY q.id LIMIT ${extensionsPageSize}`;
    return { now, rows: rows.map((row) => shown(row, held, now)) };
  });
}

/** How many `listExtensionRequests` has at a resource and below it, on all its pages (`countRows`). */
export function countExtensionRequests(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<number> {
  return readOnce(database, async (transaction) => {
    const { held } = await administered(transaction, caller);
    if (held.length === 0) return 0;
    return countRows(
      transaction,
      Prisma.sql`SELECT FROM requests q JOIN resources r ON r.id = q.resource_id
        WHERE ${waitingWhere(held, resourceId)}`,
    );
  });
}

/**
 * Waiting requests `q` for more time at resources `r` where the caller may assign. With a resource,
 * those there and below.
 */
function waitingWhere(held: readonly Held[], resourceId: string | null): Prisma.Sql {
  return Prisma.sql`q.status = 'PendingApproval' AND ${asksMoreTime("q")}
    AND NOT ${orphaned("q")}
    AND ${resourceId === null ? Prisma.sql`TRUE` : Prisma.sql`${resourceId}::uuid = ANY (path_ids(r.path))`}
    AND EXISTS (SELECT FROM unnest(path_ids(r.path)) AS at (id)
      WHERE at.id = ANY (${held.map((each) => each.resourceId)}::uuid[]))`;
}

/** The condition that requests `q` wait for the caller's decision, if only those are wanted. */
function waitingForCaller(caller: Caller, { forMe = false, after, only }: ExtensionsFilter): Prisma.Sql {
  if (forMe === false) return Prisma.sql`TRUE`;
  if (forMe === true) {
    const among = only === undefined ? undefined : Prisma.sql`SELECT ${only}::uuid`;
    return Prisma.sql`q.id IN (${extensionsDecidableBy(caller.userId, { after, limit: extensionsPageSize, among })})`;
  }
  if (forMe.found.userId !== caller.userId) throw new Error("what was found waits for somebody else");
  return Prisma.sql`q.id = ANY (${forMe.found.extensions.slice(0, forMe.most)}::uuid[])`;
}

/** Where the caller may assign as eligible or active now, and the database's time. */
async function administered(
  transaction: Transaction,
  caller: Caller,
): Promise<{ readonly now: Date; readonly held: readonly Held[] }> {
  const [row] = await transaction.$queryRaw<{ now: Date; held: readonly Held[] }[]>`
    SELECT ${planOnce} postern_now() AS now, (SELECT coalesce(json_agg(h), '[]') FROM (
      SELECT a.resource_id AS "resourceId",
        bool_or(permissions_allow(d.permissions, ${action.writeEligibility})) AS eligible,
        bool_or(permissions_allow(d.permissions, ${action.writeAssignment})) AS active
      FROM active_assignments(${caller.userId}::uuid, postern_now()) a
      JOIN role_definitions d ON d.id = a.role_definition_id AND d.writes_authorization GROUP BY 1) h) AS held`;
  if (!row) throw new Error("where the caller may assign was not read");
  return { now: row.now, held: row.held.filter(({ eligible, active }) => eligible || active) };
}

function shown({ ids, presentStart, ...row }: Row, held: readonly Held[], now: Date): ExtensionRequest {
  const here = held.filter((each) => ids.includes(each.resourceId));
  const { eligibleMaximumDays, activeMaximumDays } = row.rules;
  const other = row.assignmentType === "Eligible" ? activeMaximumDays : eligibleMaximumDays;
  return {
    ...row,
    mayAssign: {
      eligible: here.some((each) => each.eligible),
      active: here.some((each) => each.active),
    },
    proposedEnd: proposedEnd({ startsAt: presentStart, endsAt: row.presentEnd }, other, now),
  };
}
