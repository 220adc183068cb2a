import type { ResourceFacts } from "@/lib/authority/authority";
import {
  type ExceptionState,
  exceptionHasBecome,
  exceptionStateAt,
} from "@/lib/domain/roles/conflict-exception";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { lockConflictRules } from "@/lib/operations/roles/conflict-rules";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow } from "@/lib/platform/transaction";

type Entry = Omit<AuditEntry, "outcome">;

/** An exception with what its events say. */
export interface StoredException {
  readonly id: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly state: ExceptionState;
  readonly askedById: string;
  readonly endsAt: Date;
  readonly target: { readonly id: string; readonly displayName: string };
  readonly resource: ResourceFacts;
  readonly deciderName: string | null;
  readonly enderName: string | null;
}

/** Exceptions that meet a condition on `x`, with `k` as the rule, by id. */
export async function storedExceptions(
  transaction: Transaction,
  condition: Prisma.Sql,
  locking: Prisma.Sql = Prisma.empty,
): Promise<StoredException[]> {
  const rows = await transaction.$queryRaw<
    (Omit<StoredException, "target" | "resource"> & {
      targetId: string;
      targetName: string;
      resourceId: string;
      resourceName: string;
      scope: string;
      path: string;
      parentId: string | null;
      resourceType: string;
    })[]
  >`
    SELECT x.id, x.rule_id AS "ruleId", k.name AS "ruleName", x.state::text AS state, x.asked_by_id AS "askedById",
      x.ends_at AS "endsAt", x.principal_id AS "targetId", p.display_name AS "targetName", r.id AS "resourceId",
      r.display_name AS "resourceName", r.scope, r.path,
      r.parent_id AS "parentId", r.resource_type AS "resourceType", d.display_name AS "deciderName", e.display_name AS "enderName"
    FROM conflict_exceptions x JOIN conflict_rules k ON k.id = x.rule_id JOIN resources r ON r.id = k.resource_id
    JOIN principals p ON p.id = x.principal_id
    LEFT JOIN principals d ON d.id = x.decided_by_id LEFT JOIN principals e ON e.id = x.ended_by_id
    WHERE ${condition} ORDER BY x.id ${locking}`;
  return rows.map((row) => {
    const { targetId, targetName, resourceId, resourceName, scope, path, parentId, resourceType, ...rest } =
      row;
    return {
      ...rest,
      target: { id: targetId, displayName: targetName },
      resource: { id: resourceId, displayName: resourceName, scope, path, parentId, resourceType },
    };
  });
}

/** What every event about an exception says. */
export function exceptionFacts(exception: StoredException) {
  const { id, ruleId, ruleName, askedById, endsAt, target, resource } = exception;
  return {
    target,
    resource,
    details: { exceptionId: id, ruleId, ruleName, askedById, endsAt: endsAt.toISOString() },
  };
}

/** Opens an exception for a decision. Refuses an unknown one, and callers who may not edit role settings at its rule. */
export async function openException<Attempt extends Entry>(
  transaction: Transaction,
  caller: Actor,
  exceptionId: string,
  attempt: Attempt,
) {
  const [exception] = await storedExceptions(transaction, Prisma.sql`x.id = ${exceptionId}::uuid`);
  if (!exception) throw new Refusal(notFound, attempt);
  const entry = { ...attempt, ...exceptionFacts(exception) };
  await requirePermission(transaction, caller, action.writeRoleSettings, exception.resource, entry);
  return { exception, entry };
}

/**
 * Locks the set of rules and the exception. That waits for active access that is being given, and later
 * access waits for this. Refuses an exception that is in another state by now, and says who changed it.
 */
export async function lockException(
  transaction: Transaction,
  exceptionId: string,
  wanted: ExceptionState,
  entry: Entry,
): Promise<StoredException> {
  await lockConflictRules(transaction);
  const [exception] = await storedExceptions(
    transaction,
    Prisma.sql`x.id = ${exceptionId}::uuid`,
    Prisma.sql`FOR UPDATE OF x`,
  );
  if (!exception) {
    const message = "Somebody else removed this rule. Reload the page.";
    throw new Refusal({ code: "StaleEdit", message }, entry);
  }
  const state = exceptionStateAt(exception, await databaseNow(transaction));
  if (state === wanted) return exception;
  const by = { decider: exception.deciderName, ender: exception.enderName };
  throw new Refusal({ code: "Conflict", message: exceptionHasBecome(state, by) }, entry);
}

/**
 * Refuses the person who asked for the exception, and one who gets it directly or through a group
 * (docs/rules.md, rule 7).
 */
export function refuseOwnException(
  caller: Actor,
  exception: StoredException,
  own: boolean,
  entry: Entry,
): void {
  const message = own
    ? "This exception is for you, by yourself or through a group. Another administrator must decide on it."
    : exception.askedById === caller.userId
      ? "You requested this exception. Another administrator must decide on it."
      : null;
  if (message !== null) throw new Refusal({ code: "OwnRequest", message }, entry);
}

/** Why exceptions end as part of another change. */
type Because = "RuleChanged" | "RuleRemoved" | "Replaced" | "PrincipalDisabled";

/** Which exceptions end, with `x` as the exception. */
export const exceptionsOf = {
  rule: (ruleId: string) => Prisma.sql`x.rule_id = ${ruleId}::uuid AND x.state IN ('Waiting', 'Approved')`,
  principal: (id: string) => Prisma.sql`x.principal_id = ${id}::uuid AND x.state IN ('Waiting', 'Approved')`,
  /** Exceptions in force that a newer one replaces. */
  replacedBy: ({ id, ruleId, target }: StoredException) =>
    Prisma.sql`x.rule_id = ${ruleId}::uuid AND x.principal_id = ${target.id}::uuid AND x.id <> ${id}::uuid
      AND x.state = 'Approved'`,
};

/** Ends exceptions as part of another change, each with an event. Returns how many. */
export async function endExceptions(
  transaction: Transaction,
  actor: Actor | null,
  condition: Prisma.Sql,
  because: Because,
): Promise<number> {
  const ending = await storedExceptions(transaction, condition, Prisma.sql`FOR UPDATE OF x`);
  if (ending.length === 0) return 0;
  const now = await databaseNow(transaction);
  await transaction.conflictException.updateMany({
    where: { id: { in: ending.map(({ id }) => id) } },
    data: { state: "Revoked", endedById: actor?.userId ?? null, endedAt: now },
  });
  await recordAuditEvents(
    transaction,
    ending.map((exception) => {
      const { details, ...facts } = exceptionFacts(exception);
      return {
        kind: "ConflictExceptionRevoked" as const,
        outcome: "Success" as const,
        ...(actor ? { caller: actor } : {}),
        ...facts,
        details: { ...details, because, wasApproved: exception.state === "Approved" },
      };
    }),
  );
  return ending.length;
}
