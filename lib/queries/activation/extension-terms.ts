import { stillWaitsToExtend } from "@/lib/authority/request-basis";
import {
  type ExtensionLimits,
  extensionTimeFailures,
  latestEnd,
  longestExtension,
} from "@/lib/domain/gate/activation-extension";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import type { WaitingStatus } from "@/lib/domain/requests/request-state";
import {
  type ActivationRules,
  activationRules,
  type RoleSettings,
  strictest,
} from "@/lib/domain/roles/role-settings";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";
import { settingsOf } from "@/lib/queries/activation/activation-terms";
import { conflictRefusal } from "@/lib/queries/activation/conflict-refusal";
import { recentReasons } from "@/lib/queries/activation/recent-reasons";

/** The conditions under which a running activation can be extended. Everything in it goes to the browser. */
export interface ExtensionTerms {
  readonly settings: ActivationRules;
  /** In ISO 8601. */
  readonly presentEnd: string;
  /** The most minutes by which it can be extended. Zero if something prevents it. */
  readonly longest: number;
  /** What limits the longest extension. */
  readonly limit: "Settings" | "Eligibility" | "Next";
  /** What a request to extend it waits for already; null if none does. */
  readonly waiting: WaitingStatus | null;
  /** Reasons that the caller recently gave for this role, newest first. */
  readonly reasons: readonly string[];
}

interface Running extends ExtensionLimits {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly settings: RoleSettings;
  readonly waiting: WaitingStatus | null;
  readonly now: Date;
}

/** A running activation of the caller's own, with the settings in force and what limits it; null for any other. */
async function readRunning(
  transaction: Transaction,
  caller: Caller,
  assignmentId: string,
): Promise<Running | null> {
  const [row] = await transaction.$queryRaw<(Omit<Running, "settings"> & { levels: string[] })[]>`
    SELECT a.role_definition_id AS "roleDefinitionId", a.resource_id AS "resourceId", a.ends_at AS "presentEnd", e.ends_at AS "eligibleUntil",
      postern_now() AS now, (path_ids(r.path))[array_position(path_ids(r.path), e.resource_id):] AS levels,
      (SELECT next.starts_at FROM assignments next WHERE next.principal_id = a.principal_id
        AND next.role_definition_id = a.role_definition_id AND next.resource_id = a.resource_id
        AND next.starts_at >= a.ends_at AND next.ends_at IS DISTINCT FROM next.starts_at
        ORDER BY next.starts_at LIMIT 1) AS "nextStart",
      ${stillWaitsToExtend("a")} AS waiting
    FROM assignments a JOIN current_eligibilities(${caller.userId}::uuid, postern_now()) e ON e.id = a.eligibility_id
    JOIN resources r ON r.id = a.resource_id AND e.resource_id = ANY (path_ids(r.path))
    WHERE a.id = ${assignmentId}::uuid AND a.principal_id = ${caller.userId}::uuid AND a.assignment_type = 'Activated'
      AND a.starts_at <= postern_now() AND a.ends_at > postern_now()`;
  if (!row) return null;
  const { levels, ...running } = row;
  const policies = await transaction.roleManagementPolicy.findMany({
    where: { roleDefinitionId: row.roleDefinitionId, resourceId: { in: levels } },
  });
  const settings = strictest(levels.map((id) => settingsOf(policies.find((each) => each.resourceId === id))));
  return { ...running, settings };
}

/**
 * The conditions under which a running activation of the caller's own can be extended. Null if it has
 * ended or is not theirs.
 */
export function extensionTerms(
  database: Database,
  caller: Caller,
  assignmentId: string,
): Promise<ExtensionTerms | null> {
  return readOnce(database, async (transaction) => {
    const running = await readRunning(transaction, caller, assignmentId);
    if (!running) return null;
    const { settings, now, eligibleUntil, nextStart, presentEnd, waiting } = running;
    const last = latestEnd(settings, running, now).getTime();
    return {
      ...{ settings: activationRules(settings), presentEnd: presentEnd.toISOString(), waiting },
      longest: longestExtension(settings, running, now),
      limit:
        nextStart?.getTime() === last
          ? "Next"
          : eligibleUntil?.getTime() === last
            ? "Eligibility"
            : "Settings",
      reasons: await recentReasons(transaction, caller, [running.roleDefinitionId]),
    };
  });
}

/** Why an extension would be refused whatever code is entered; null if it would not. The operation judges again. */
export function extensionRefusalBeforeCode(
  database: Database,
  caller: Caller,
  asked: { readonly assignmentId: string; readonly endsAt: Date },
): Promise<OperationError | null> {
  return readOnce(database, async (transaction) => {
    const running = await readRunning(transaction, caller, asked.assignmentId);
    if (!running) return null;
    const failures = extensionTimeFailures(running.settings, running, asked.endsAt, running.now);
    if (failures.length > 0) return { code: "RoleAssignmentRequestPolicyValidationFailed", failures };
    const { roleDefinitionId, resourceId, presentEnd } = running;
    const schedule = { startsAt: presentEnd, endsAt: asked.endsAt };
    return conflictRefusal(transaction, caller, { roleDefinitionId, resourceId, schedule });
  });
}
