import { may, visibleResource } from "@/lib/authority/authority";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import {
  type ExceptionState,
  exceptionLimits,
  exceptionStateAt,
} from "@/lib/domain/roles/conflict-exception";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identitiesOf, identityColumn } from "@/lib/platform/principal-identity";
import { databaseNow, readOnce } from "@/lib/platform/transaction";

export interface ConflictExceptionView {
  readonly id: string;
  readonly state: ExceptionState;
  readonly principal: PrincipalIdentity;
  readonly justification: string;
  readonly askedBy: PrincipalIdentity;
  readonly askedAt: Date;
  readonly endsAt: Date;
  readonly decidedBy: PrincipalIdentity | null;
  readonly decidedAt: Date | null;
  readonly decisionReason: string | null;
  readonly endedBy: PrincipalIdentity | null;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
  /** What the caller may do with it now. */
  readonly mayDecide: boolean;
  readonly mayWithdraw: boolean;
  readonly mayRevoke: boolean;
}

/** How many ended ones are shown, newest first. The log has all. */
export const mostEndedExceptions = 20;

type Row = Omit<ConflictExceptionView, "mayDecide" | "mayWithdraw" | "mayRevoke"> & { readonly own: boolean };

function rowsOf(client: Transaction, callerId: string, ruleId: string, open: boolean): Promise<Row[]> {
  const states = open
    ? Prisma.sql`x.state IN ('Waiting', 'Approved')`
    : Prisma.sql`x.state NOT IN ('Waiting', 'Approved')`;
  return client.$queryRaw<Row[]>`
    SELECT x.id, x.state::text AS state, ${identityColumn("p")} AS principal, x.justification,
      ${identityColumn("a")} AS "askedBy", x.asked_at AS "askedAt", x.ends_at AS "endsAt",
      CASE WHEN by.id IS NOT NULL THEN ${identityColumn("by")} END AS "decidedBy", x.decided_at AS "decidedAt",
      x.decision_reason AS "decisionReason", CASE WHEN g.id IS NOT NULL THEN ${identityColumn("g")} END AS "endedBy",
      x.ended_at AS "endedAt", x.end_reason AS "endReason",
      x.asked_by_id = ${callerId}::uuid
        OR x.principal_id IN (SELECT id FROM principal_and_groups(${callerId}::uuid) AS own (id)) AS own
    FROM conflict_exceptions x JOIN principals p ON p.id = x.principal_id JOIN principals a ON a.id = x.asked_by_id
    LEFT JOIN principals by ON by.id = x.decided_by_id LEFT JOIN principals g ON g.id = x.ended_by_id
    WHERE x.rule_id = ${ruleId}::uuid AND ${states}
    ORDER BY x.asked_at DESC, x.id LIMIT ${open ? exceptionLimits.open * 2 : mostEndedExceptions}`;
}

export interface ExceptionsOfRule {
  readonly waiting: readonly ConflictExceptionView[];
  readonly inForce: readonly ConflictExceptionView[];
  /** The newest, up to `mostEndedExceptions`. */
  readonly ended: readonly ConflictExceptionView[];
}

/** The exceptions of a rule; null if there is no such rule or the caller may not read role settings there. */
export function listConflictExceptions(
  database: Database,
  caller: Caller,
  resourceId: string,
  ruleId: string,
): Promise<ExceptionsOfRule | null> {
  return readOnce(database, async (client) => {
    const resource = await visibleResource(client, caller.userId, resourceId);
    if (!resource || !(await may(client, caller.userId, action.readRoleSettings, resource.id))) return null;
    const rule = await client.conflictRule.findUnique({
      where: { id: ruleId, resourceId: resource.id },
      select: { id: true },
    });
    if (!rule) return null;
    const writes = await may(client, caller.userId, action.writeRoleSettings, resource.id);
    const now = await databaseNow(client);
    const open = await rowsOf(client, caller.userId, rule.id, true);
    const past = await rowsOf(client, caller.userId, rule.id, false);
    const views = [...open, ...past].map(({ own, ...row }): ConflictExceptionView => {
      const state = exceptionStateAt(row, now);
      return {
        ...row,
        state,
        mayDecide: writes && !own && state === "Waiting",
        mayWithdraw: writes && state === "Waiting" && row.askedBy.id === caller.userId,
        mayRevoke: writes && state === "Approved",
      };
    });
    const ofState = (state: ExceptionState) => views.filter((view) => view.state === state);
    return {
      waiting: ofState("Waiting"),
      inForce: ofState("Approved"),
      ended: views
        .filter(({ state }) => state !== "Waiting" && state !== "Approved")
        .slice(0, mostEndedExceptions),
    };
  });
}

/** The data for the form of a new exception: the rule's name, and the principal that a link named. */
export interface ExceptionToRequest {
  readonly ruleName: string;
  readonly named: PrincipalIdentity | null;
}

/** Null if there is no such rule, or the caller may not edit role settings there. */
export function exceptionToRequest(
  database: Database,
  caller: Caller,
  resourceId: string,
  ruleId: string,
  principalId: string | null,
): Promise<ExceptionToRequest | null> {
  return readOnce(database, async (client) => {
    const resource = await visibleResource(client, caller.userId, resourceId);
    if (!resource || !(await may(client, caller.userId, action.writeRoleSettings, resource.id))) return null;
    const rule = await client.conflictRule.findUnique({
      where: { id: ruleId, resourceId: resource.id },
      select: { name: true },
    });
    if (!rule) return null;
    const [named] = principalId === null ? [] : await identitiesOf(client, [principalId]);
    return { ruleName: rule.name, named: named ?? null };
  });
}
