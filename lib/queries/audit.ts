import { action, anyAllows, type Permission } from "@/lib/domain/permissions";
import type { AuditKind } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { AuditEvent } from "@/lib/platform/generated/client";
import { Prisma } from "@/lib/platform/generated/client";
import { inTransaction } from "@/lib/platform/transaction";

/** What to show of the log; every part is optional. */
export interface AuditFilter {
  readonly from: Date | null;
  readonly to: Date | null;
  readonly actor: string;
  readonly target: string;
  readonly roleDefinitionId: string | null;
  /** A resource, with everything below it when `below`. */
  readonly resourceId: string | null;
  readonly below: boolean;
  readonly kind: AuditKind | null;
  readonly outcome: "Success" | "Failure" | null;
  /** Only what the caller did, or what was done to them. */
  readonly own: boolean;
}

export const auditPageSize = 50;

/**
 * A page of the log, newest first, of what the caller may read: their own events always; a resource's where they hold
 * the right to read the log at it or above; what belongs to no resource (sign-ins, factors) with that right at the
 * root. `before` is the sequence of the last event shown.
 */
export function listAuditEvents(
  database: Database,
  caller: Caller,
  filter: AuditFilter,
  before: bigint | null,
  limit = auditPageSize,
): Promise<AuditEvent[]> {
  return inTransaction(database, async (transaction) => {
    const held = await transaction.$queryRaw<{ path: string; root: boolean; permissions: Permission[] }[]>`
      SELECT DISTINCT r.path, r.parent_id IS NULL AS root, d.permissions
      FROM active_assignments(${caller.userId}::uuid, postern_now()) a
      JOIN resources r ON r.id = a.resource_id JOIN role_definitions d ON d.id = a.role_definition_id LIMIT 200`;
    const readable = held.filter(({ permissions }) => anyAllows(permissions, action.readAudit));
    const conditions = [
      readable.some((resource) => resource.root)
        ? Prisma.sql`TRUE`
        : Prisma.sql`(actor_id = ${caller.userId}::uuid OR target_id = ${caller.userId}::uuid OR ${
            readable.length === 0
              ? Prisma.sql`FALSE`
              : Prisma.join(
                  readable.map(({ path }) => within(path)),
                  " OR ",
                )
          })`,
    ];
    if (filter.own)
      conditions.push(Prisma.sql`(actor_id = ${caller.userId}::uuid OR target_id = ${caller.userId}::uuid)`);
    if (before !== null) conditions.push(Prisma.sql`sequence < ${before}`);
    if (filter.from) conditions.push(Prisma.sql`occurred_at >= ${filter.from}`);
    if (filter.to) conditions.push(Prisma.sql`occurred_at < ${filter.to}`);
    if (filter.actor)
      conditions.push(Prisma.sql`actor_name ILIKE ${`%${filter.actor.replaceAll(/[\\%_]/g, "\\$&")}%`}`);
    if (filter.target)
      conditions.push(Prisma.sql`target_name ILIKE ${`%${filter.target.replaceAll(/[\\%_]/g, "\\$&")}%`}`);
    if (filter.roleDefinitionId)
      conditions.push(Prisma.sql`role_definition_id = ${filter.roleDefinitionId}::uuid`);
    if (filter.kind) conditions.push(Prisma.sql`kind = ${filter.kind}`);
    if (filter.outcome) conditions.push(Prisma.sql`outcome = ${filter.outcome}::audit_outcome`);
    if (filter.resourceId) {
      const resource = await transaction.resource.findUnique({
        where: { id: filter.resourceId },
        select: { path: true },
      });
      if (!resource) return [];
      conditions.push(
        filter.below ? within(resource.path) : Prisma.sql`resource_id = ${filter.resourceId}::uuid`,
      );
    }
    const rows = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM audit_events WHERE ${Prisma.join(conditions, " AND ")} ORDER BY sequence DESC LIMIT ${limit}`;
    return transaction.auditEvent.findMany({
      where: { id: { in: rows.map((row) => row.id) } },
      orderBy: { sequence: "desc" },
      take: limit,
    });
  });
}

function within(path: string) {
  return Prisma.sql`(resource_path = ${path} OR (resource_path > ${`${path}.`} AND resource_path < ${`${path}/`}))`;
}

/** One event that the caller may read, with at most fifty others of the same assignment or eligibility. */
export async function findAuditEvent(database: Database, caller: Caller, id: string) {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return null;
  const found = await database.client.auditEvent.findUnique({ where: { id }, select: { sequence: true } });
  if (!found) return null;
  const everything: AuditFilter = {
    from: null,
    to: null,
    actor: "",
    target: "",
    roleDefinitionId: null,
    resourceId: null,
    below: false,
    kind: null,
    outcome: null,
    own: false,
  };
  const [event] = await listAuditEvents(database, caller, everything, found.sequence + 1n, 1);
  if (event?.id !== id) return null;
  const { assignmentId, eligibilityId } = event;
  const same = [
    ...(assignmentId ? [{ assignmentId }] : []),
    ...(eligibilityId && !assignmentId ? [{ eligibilityId }] : []),
  ];
  const linked =
    same.length === 0
      ? []
      : await database.client.auditEvent.findMany({
          where: { OR: same, id: { not: id }, resourceId: event.resourceId },
          orderBy: { sequence: "asc" },
          take: 50,
          select: { id: true, kind: true, occurredAt: true },
        });
  return { event, linked };
}
