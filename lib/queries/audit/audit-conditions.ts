import { pathsAllowing } from "@/lib/authority/authority";
import type { AuditKind } from "@/lib/domain/audit/audit-kinds";
import { normalisedScope } from "@/lib/domain/resources/scope";
import { action } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { approvedBy } from "@/lib/queries/audit/approvers";
import { atOrBelow } from "@/lib/queries/resources/paths";

/** What to show of the log; every part is optional. */
export interface AuditFilter {
  readonly from: Date | null;
  readonly to: Date | null;
  /** Only recent events, by the database's clock. */
  readonly lastHours: number | null;
  /** Part of the person's name or address, as it was at the time. */
  readonly actor: string;
  readonly target: string;
  readonly roleDefinitionId: string | null;
  /** Part of the role's name, as it was at the time. */
  readonly roleName: string;
  /** A resource, with everything below it if `below`. */
  readonly resourceId: string | null;
  /** The same, by its full scope, regardless of case. */
  readonly scope: string;
  readonly below: boolean;
  /** Any of these kinds; every kind if empty. */
  readonly kinds: readonly AuditKind[];
  readonly outcome: "Success" | "Failure" | null;
  /** Part of the ticket's number. */
  readonly ticket: string;
  /** Part of the name or address of somebody who had approved the request by then. */
  readonly approver: string;
  /** Only what the caller did, or what was done to them. */
  readonly own: boolean;
  /** Only what this principal did, or what was done to them, at resources whose log the caller may read. */
  readonly personId: string | null;
}

export const wholeLog: AuditFilter = {
  from: null,
  to: null,
  lastHours: null,
  actor: "",
  target: "",
  roleDefinitionId: null,
  roleName: "",
  resourceId: null,
  scope: "",
  below: false,
  kinds: [],
  outcome: null,
  ticket: "",
  approver: "",
  own: false,
  personId: null,
};

/** The paths at or below which somebody may read the log now. The root means all of it. */
export async function readablePaths(
  transaction: Transaction,
  caller: Caller,
): Promise<"everything" | string[]> {
  const paths = await pathsAllowing(transaction, caller.userId, action.readAudit);
  // A path of one id is the root's. Everything lies below it, and events without a resource are read there.
  return paths.some((path) => !path.includes(".")) ? "everything" : paths;
}

/** The person whose own events may be read besides those at some paths. Null for nobody's. */
type Own = Caller | null;

/** What may be read, as a condition that uses the indexes on paths and people. */
export function readable(own: Own, paths: "everything" | readonly string[]): Prisma.Sql {
  if (paths === "everything") return Prisma.sql`TRUE`;
  const parts = [...(own ? [ownEvents(own)] : []), ...paths.map(within)];
  return parts.length === 0 ? Prisma.sql`FALSE` : Prisma.sql`(${Prisma.join(parts, " OR ")})`;
}

/** The same, checked event by event. */
export function readableRow(own: Own, paths: "everything" | readonly string[]): Prisma.Sql {
  if (paths === "everything") return Prisma.sql`TRUE`;
  const there = atOrBelow(paths, Prisma.sql`resource_path`);
  return own ? Prisma.sql`(${ownEvents(own)} OR ${there})` : there;
}

/**
 * Conditions on events: those with an index in the log's order, parts of names, all others, and the
 * kinds.
 */
export interface AuditConditions {
  readonly inOrder: readonly Prisma.Sql[];
  readonly named: readonly Prisma.Sql[];
  readonly byRow: readonly Prisma.Sql[];
  readonly kinds: readonly AuditKind[];
  /** The person to whose events the log is restricted; null for everybody's. */
  readonly personId: string | null;
}

/** The filter as conditions; null if it names a resource that does not exist. */
export async function auditConditions(
  transaction: Transaction,
  caller: Caller,
  filter: AuditFilter,
): Promise<AuditConditions | null> {
  const inOrder = [Prisma.sql`TRUE`];
  const named: Prisma.Sql[] = [];
  const byRow: Prisma.Sql[] = [];
  if (filter.own) byRow.push(ownEvents(caller));
  if (filter.from) inOrder.push(Prisma.sql`occurred_at >= ${filter.from}`);
  if (filter.to) inOrder.push(Prisma.sql`occurred_at < ${filter.to}`);
  if (filter.lastHours !== null)
    inOrder.push(Prisma.sql`occurred_at >= postern_now() - make_interval(hours => ${filter.lastHours})`);
  if (filter.actor) named.push(holding(filter.actor, "actor_name", "actor_email"));
  if (filter.target) named.push(holding(filter.target, "target_name", "target_email"));
  if (filter.roleName) named.push(holding(filter.roleName, "role_name"));
  if (filter.ticket) named.push(holding(filter.ticket, "ticket_number"));
  if (filter.approver) named.push(approvedBy(holding(filter.approver, "actor_name", "actor_email")));
  if (filter.roleDefinitionId)
    inOrder.push(Prisma.sql`role_definition_id = ${filter.roleDefinitionId}::uuid`);
  if (filter.outcome === "Failure") inOrder.push(Prisma.sql`outcome = 'Failure'`);
  if (filter.outcome === "Success") byRow.push(Prisma.sql`outcome = 'Success'`);
  if (filter.resourceId || filter.scope) {
    const resource = await namedResource(transaction, filter);
    if (!resource) return null;
    if (filter.below) byRow.push(within(resource.path));
    else inOrder.push(Prisma.sql`resource_id = ${resource.id}::uuid`);
  }
  return { inOrder, named, byRow, kinds: filter.kinds, personId: filter.personId };
}

/** The resource of a filter. A retired one is found where the log knows it, by its path at that time. */
async function namedResource(
  transaction: Transaction,
  { resourceId, scope }: AuditFilter,
): Promise<{ id: string; path: string } | undefined> {
  const named = normalisedScope(scope);
  const rows = await transaction.$queryRaw<{ id: string; path: string }[]>`
    SELECT r.id, r.path FROM resources r WHERE r.retirement_id IS NULL
      AND ${resourceId ? Prisma.sql`r.id = ${resourceId}::uuid` : Prisma.sql`lower(r.scope) = lower(${named})`}
    UNION ALL
    SELECT r.id, t.path || substr(r.path, 66) FROM resources r JOIN retirements t ON t.id = r.retirement_id
    WHERE r.retirement_id IS NOT NULL AND ${
      resourceId
        ? Prisma.sql`r.id = ${resourceId}::uuid`
        : Prisma.sql`lower(substr(r.scope, length('retired:' || t.number) + 1)) = lower(${named})`
    }
    LIMIT 1`;
  return rows[0];
}

/** One of the columns contains the text, in the present composition or in the other one, which old events may have. */
function holding(text: string, ...columns: readonly string[]): Prisma.Sql {
  const patterns = new Set([containing(text), containing(text).normalize("NFD")]);
  const each = columns.flatMap((column) =>
    [...patterns].map((pattern) => Prisma.sql`${Prisma.raw(column)} ILIKE ${pattern}`),
  );
  return Prisma.sql`(${Prisma.join(each, " OR ")})`;
}

function ownEvents(caller: Caller): Prisma.Sql {
  return Prisma.sql`(actor_id = ${caller.userId}::uuid OR target_id = ${caller.userId}::uuid)`;
}

/** At the resource of this path or below it. This is one range of the index, since `/` follows `.` in the "C" collation. */
function within(path: string): Prisma.Sql {
  return Prisma.sql`(resource_path = ${path} OR (resource_path > ${`${path}.`} AND resource_path < ${`${path}/`}))`;
}
