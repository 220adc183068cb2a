import { pathsAllowing } from "@/lib/authority/authority";
import { normalisedScope } from "@/lib/domain/resources/scope";
import { action } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import type { AuditKind } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { atOrBelow } from "@/lib/queries/resources/paths";

/** What to show of the log; every part is optional. */
export interface AuditFilter {
  readonly from: Date | null;
  readonly to: Date | null;
  /** Only recent events, by the database's clock. */
  readonly lastHours: number | null;
  readonly actor: string;
  readonly target: string;
  readonly roleDefinitionId: string | null;
  /** Part of the role's name, as it was at the time. */
  readonly roleName: string;
  /** A resource, with everything below it when `below`. */
  readonly resourceId: string | null;
  /** The same by its scope, in full and without regard to case. */
  readonly scope: string;
  readonly below: boolean;
  readonly kind: AuditKind | null;
  readonly outcome: "Success" | "Failure" | null;
  /** Only what the caller did, or what was done to them. */
  readonly own: boolean;
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
  kind: null,
  outcome: null,
  own: false,
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

/** What may be read, as a condition for the indexes on paths and people. */
export function readable(caller: Caller, paths: "everything" | readonly string[]): Prisma.Sql {
  if (paths === "everything") return Prisma.sql`TRUE`;
  return Prisma.sql`(${Prisma.join([ownEvents(caller), ...paths.map(within)], " OR ")})`;
}

/** The same, checked event by event. */
export function readableRow(caller: Caller, paths: "everything" | readonly string[]): Prisma.Sql {
  if (paths === "everything") return Prisma.sql`TRUE`;
  return Prisma.sql`(${ownEvents(caller)} OR ${atOrBelow(paths, Prisma.sql`resource_path`)})`;
}

/** Conditions on events: those with an index in the log's order, parts of names, and all others. */
export interface AuditConditions {
  readonly inOrder: readonly Prisma.Sql[];
  readonly named: readonly Prisma.Sql[];
  readonly byRow: readonly Prisma.Sql[];
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
  if (filter.actor) named.push(Prisma.sql`actor_name ILIKE ${containing(filter.actor)}`);
  if (filter.target) named.push(Prisma.sql`target_name ILIKE ${containing(filter.target)}`);
  if (filter.roleName) named.push(Prisma.sql`role_name ILIKE ${containing(filter.roleName)}`);
  if (filter.roleDefinitionId)
    inOrder.push(Prisma.sql`role_definition_id = ${filter.roleDefinitionId}::uuid`);
  if (filter.kind) inOrder.push(Prisma.sql`kind = ${filter.kind}`);
  if (filter.outcome === "Failure") inOrder.push(Prisma.sql`outcome = 'Failure'`);
  if (filter.outcome === "Success") byRow.push(Prisma.sql`outcome = 'Success'`);
  if (filter.resourceId || filter.scope) {
    const [resource] = await transaction.$queryRaw<{ id: string; path: string }[]>`
      SELECT id, path FROM resources WHERE ${
        filter.resourceId
          ? Prisma.sql`id = ${filter.resourceId}::uuid`
          : Prisma.sql`lower(scope) = lower(${normalisedScope(filter.scope)})`
      }`;
    if (!resource) return null;
    if (filter.below) byRow.push(within(resource.path));
    else inOrder.push(Prisma.sql`resource_id = ${resource.id}::uuid`);
  }
  return { inOrder, named, byRow };
}

function ownEvents(caller: Caller): Prisma.Sql {
  return Prisma.sql`(actor_id = ${caller.userId}::uuid OR target_id = ${caller.userId}::uuid)`;
}

/** At the resource of this path or below it: one range of the index, since `/` follows `.` in the "C" collation. */
function within(path: string): Prisma.Sql {
  return Prisma.sql`(resource_path = ${path} OR (resource_path > ${`${path}.`} AND resource_path < ${`${path}/`}))`;
}
