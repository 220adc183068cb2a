import type { ResourceFacts } from "@/lib/authority/authority";
import { twinBeside } from "@/lib/authority/resource-names";
import {
  type ClosedAccess,
  closedAccess,
  type Retirement,
  restorationDigest,
  scopeAgain,
} from "@/lib/authority/restore-facts";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import { assignmentFailures } from "@/lib/domain/gate/policy-rules";
import { permissionToAssign } from "@/lib/domain/gate/privileges";
import { deepestLevel } from "@/lib/domain/resources/own-path";
import { undoDays } from "@/lib/domain/resources/retire";
import { anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Transaction } from "@/lib/platform/database";

/** What happens to access that was closed: it is given again, or it stays closed for a reason. */
export interface JudgedAccess {
  readonly access: ClosedAccess;
  readonly staysClosed: string | null;
}

export interface Restoration {
  readonly rows: readonly JudgedAccess[];
  readonly preview: string;
}

/**
 * What undoing a retirement does (docs/decisions/resources.md): gives access again as far as somebody with these
 * permissions at the resource above may give it now. If the resource cannot come back, answers why.
 */
export async function judgeRestoration(
  transaction: Transaction,
  retirement: Retirement,
  parent: ResourceFacts,
  permissions: readonly Permission[],
  now: Date,
): Promise<Restoration | OperationError> {
  const refused = await whyNotRestored(transaction, retirement, parent);
  if (refused !== null) return { code: "Conflict", message: refused };
  const closed = await closedAccess(transaction, retirement, parent);
  const rows = closed.map((access) => ({ access, staysClosed: staysClosed(access, permissions, now) }));
  return { rows, preview: restorationDigest(retirement, parent, rows) };
}

async function whyNotRestored(
  transaction: Transaction,
  retirement: Retirement,
  parent: ResourceFacts,
): Promise<string | null> {
  if (retirement.past) return `It was retired more than ${undoDays} days ago. It stays retired.`;
  const [row] = await transaction.$queryRaw<
    { retired: boolean; levels: number | null; taken: string | null }[]
  >`
    SELECT p.retirement_id IS NOT NULL AS retired,
      (SELECT max(cardinality(path_ids(r.path))) FROM resources r WHERE r.retirement_id = ${retirement.id}::uuid)
        + cardinality(path_ids(p.path)) - 1 AS levels,
      (SELECT live.scope FROM resources r JOIN resources live
          ON name_key(live.scope) = name_key(${scopeAgain(retirement, parent)}) AND live.retirement_id IS NULL
        WHERE r.retirement_id = ${retirement.id}::uuid ORDER BY live.scope LIMIT 1) AS taken
    FROM resources p WHERE p.id = ${parent.id}::uuid`;
  if (!row || row.retired)
    return `${isolated(parent.displayName)}, the resource above it, is retired too. Restore that first.`;
  if (row.taken !== null) return `Its path is taken: ${row.taken} exists now.`;
  if ((row.levels ?? 0) > deepestLevel)
    return `Resources lie at most ${deepestLevel} levels deep, and its place has been moved further down.`;
  return twinBeside(transaction, parent.id, retirement, retirement.resourceId);
}

/**
 * Why access is not given again; null if it is. Does not judge the code, which is required in any case,
 * nor conflicts, which are judged when the code is entered.
 */
function staysClosed(access: ClosedAccess, permissions: readonly Permission[], now: Date): string | null {
  const needed = permissionToAssign(access.type);
  if (!anyAllows(permissions, needed)) return "You may not assign it.";
  if (access.disabled) return "The member is disabled.";
  if (access.deleted) return "The role was deleted.";
  if (!access.assignable) return "The role can no longer be assigned there.";
  if (access.denied) return "An access review denied it.";
  const failures = assignmentFailures(
    { ...defaultRoleSettings, ...settingsOf(access) },
    {
      assignmentType: access.type,
      schedule: scheduleOf(access, now),
      // Both are required in any case.
      ...{ justification: "-", stepUp: [], provedBy: null },
    },
  );
  return failures.length === 0 ? null : "The role settings no longer allow it for that long.";
}

/** The settings that judge it as an assignment. */
export function settingsOf(access: ClosedAccess) {
  return {
    eligibleMaximumDays: access.eligibleMaximumDays,
    activeMaximumDays: access.activeMaximumDays,
    assignmentRequiresMfa: access.assignmentRequiresMfa,
    assignmentPhishingResistant: access.assignmentPhishingResistant,
    assignmentRequiresJustification: access.assignmentRequiresJustification,
  };
}

/** The times for which it is given again: from now, or from its later start, until it would have ended. */
export function scheduleOf({ startsAt, endsAt }: ClosedAccess, now: Date) {
  return { startsAt: startsAt > now ? startsAt : now, endsAt };
}
