import type { WaitingStatus } from "@/lib/domain/requests/request-state";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type Alias, rowOf } from "@/lib/platform/sql/alias";

/** Whether a request is about an activation: to start one, or to extend one in place (request-subject.ts). */
export function ofActivation(request: Alias): Prisma.Sql {
  return Prisma.sql`(${rowOf(request)}.request_type = 'SelfActivate' OR ${extendsActivation(request)})`;
}

/** Whether a request asks to extend an activation in place. */
export function extendsActivation(request: Alias): Prisma.Sql {
  const q = rowOf(request);
  return Prisma.sql`(${q}.request_type = 'SelfExtend' AND ${q}.duration_minutes IS NOT NULL)`;
}

/** Whether a request asks for more time of an eligibility or direct assignment, which administrators decide. */
export function asksMoreTime(request: Alias): Prisma.Sql {
  const q = rowOf(request);
  return Prisma.sql`(${q}.request_type IN ('SelfExtend', 'SelfRenew') AND ${q}.duration_minutes IS NULL)`;
}

/** Whether the activation that a request asks to extend still runs. */
function stillRuns(request: Alias): Prisma.Sql {
  return Prisma.sql`EXISTS (SELECT FROM assignments running
    WHERE running.id = ${rowOf(request)}.assignment_id AND running.ends_at > postern_now())`;
}

/**
 * Whether the eligibility `held` covers the activation: it is in effect, within the member's reach, at
 * the scope or above it.
 */
function coversActivation(request: Alias): Prisma.Sql {
  const q = rowOf(request);
  return Prisma.sql`(held.starts_at <= postern_now() AND (held.ends_at IS NULL OR held.ends_at > postern_now())
  AND (held.principal_id = ${q}.principal_id OR held.principal_id IN (SELECT principal_and_groups(${q}.principal_id)))
  AND (held.resource_id = ${q}.resource_id OR held.resource_id = ANY (
    SELECT unnest(path_ids(asked.path)) FROM resources asked WHERE asked.id = ${q}.resource_id)))`;
}

/**
 * Whether what a waiting request rests on is gone. Every request rests on its requestor having what it is about: they
 * are enabled, and are the member or in the group that is the member. An activation also rests on its eligibility. An
 * extension of an activation rests on both the eligibility and the activation. A request for more time of other
 * access does not rest on that access, since ended access can be renewed.
 */
export function orphaned(request: Alias): Prisma.Sql {
  const q = rowOf(request);
  return Prisma.sql`(
  NOT EXISTS (SELECT FROM principals asking WHERE asking.id = ${q}.principal_id AND asking.disabled_at IS NULL)
  OR (${q}.requestor_id <> ${q}.principal_id
    AND ${q}.principal_id NOT IN (SELECT principal_and_groups(${q}.requestor_id)))
  OR (${ofActivation(request)} AND NOT EXISTS (
    SELECT FROM eligibilities held WHERE held.id = ${q}.eligibility_id AND ${coversActivation(request)}))
  OR (${extendsActivation(request)} AND NOT ${stillRuns(request)}))`;
}

/**
 * When an `orphaned` request lost what it rests on: when its member was disabled, or its eligibility or
 * activation ended. Some losses leave no moment behind, such as a way through groups that is gone. They
 * count from when they are noticed.
 */
function basisLostAt(request: Alias): Prisma.Sql {
  const q = rowOf(request);
  return Prisma.sql`(
  SELECT coalesce(least(asking.disabled_at, CASE WHEN held.ends_at <= postern_now() THEN held.ends_at END,
    CASE WHEN running.ends_at <= postern_now() THEN running.ends_at END), postern_now())
  FROM principals asking
  LEFT JOIN eligibilities held ON held.id = ${q}.eligibility_id AND ${ofActivation(request)}
  LEFT JOIN assignments running ON running.id = ${q}.assignment_id AND ${extendsActivation(request)}
  WHERE asking.id = ${q}.principal_id)`;
}

/** Whether a request is stored as waiting for somebody: its approvers, or its member's code. */
export function storedWaiting(request: Alias): Prisma.Sql {
  return Prisma.sql`${rowOf(request)}.status IN ('PendingApproval', 'PendingProvisioning')`;
}

/** When a waiting request lost what it rests on. Null while it still has it. */
export function orphanedAt(request: Alias): Prisma.Sql {
  return Prisma.sql`CASE WHEN ${storedWaiting(request)} AND ${orphaned(request)} THEN ${basisLostAt(request)} END`;
}

/** Whether a waiting request lost what it rests on before its time-out. What came first counts. */
export function orphanedBeforeTimeOut(request: Alias): Prisma.Sql {
  return Prisma.sql`(${orphaned(request)} AND NOT EXISTS (
  SELECT FROM request_approvals timed
  WHERE timed.request_id = ${rowOf(request)}.id AND timed.expires_at <= ${basisLostAt(request)}))`;
}

/** Why an `orphaned` request has lost what it rests on, as a sentence for its member. */
export function orphanedReason(request: Alias): Prisma.Sql {
  const q = rowOf(request);
  return Prisma.sql`(
  SELECT CASE WHEN asking.disabled_at IS NOT NULL THEN 'The member is disabled.'
    WHEN held.removed_at IS NOT NULL AND held.ends_at <= postern_now() THEN 'The eligibility was removed.'
    WHEN held.ends_at <= postern_now() THEN 'The eligibility has ended.'
    WHEN held.starts_at > postern_now() THEN 'The eligibility now begins later.'
    WHEN ${q}.requestor_id <> ${q}.principal_id
      AND ${q}.principal_id NOT IN (SELECT principal_and_groups(${q}.requestor_id))
      THEN 'The requestor is no longer in this group.'
    WHEN running.ends_at <= postern_now() THEN 'The activation has ended.'
    WHEN held.principal_id NOT IN (SELECT principal_and_groups(${q}.principal_id))
      THEN 'The member is no longer in a group that is eligible.'
    ELSE 'The eligibility does not reach this scope any more.' END
  FROM principals asking LEFT JOIN eligibilities held ON held.id = ${q}.eligibility_id
  LEFT JOIN assignments running ON running.id = ${q}.assignment_id AND ${extendsActivation(request)}
  WHERE asking.id = ${q}.principal_id)`;
}

/** When a waiting request lost what it rests on. Null while it still has it, and for a request that no longer waits. */
export async function orphanedSince(transaction: Transaction, requestId: string): Promise<Date | null> {
  const [row] = await transaction.$queryRaw<{ since: Date | null }[]>`
    SELECT ${orphanedAt("q")} AS since FROM requests q WHERE q.id = ${requestId}::uuid`;
  return row?.since ?? null;
}

function waitsAs(request: Alias, status: WaitingStatus): Prisma.Sql {
  const q = rowOf(request);
  return Prisma.sql`(${q}.status = ${Prisma.raw(`'${status}'`)} AND NOT EXISTS (
  SELECT FROM request_approvals timed WHERE timed.request_id = ${q}.id AND timed.expires_at <= postern_now())
  AND NOT ${orphaned(request)})`;
}

/**
 * Whether a request waits for somebody's decision now. One that has timed out or lost what it rests on
 * does not, even if the worker has not recorded that yet (docs/rules.md, rule 5).
 */
export function waitsForDecision(request: Alias): Prisma.Sql {
  return waitsAs(request, "PendingApproval");
}

/** The same for an approved request that waits for its member's code. */
export function waitsForCode(request: Alias): Prisma.Sql {
  return waitsAs(request, "PendingProvisioning");
}

/** What a request to extend an activation waits for now; null if there is no such request. */
export function stillWaitsToExtend(activation: Alias): Prisma.Sql {
  return Prisma.sql`(SELECT q.status FROM requests q WHERE q.assignment_id = ${rowOf(activation)}.id
    AND ${extendsActivation("q")} AND (${waitsForDecision("q")} OR ${waitsForCode("q")}) LIMIT 1)`;
}

/**
 * The requests that wait for a decision, as a relation `q` for counting. Its parts are joined at once,
 * not looked up for each request.
 */
export const waitingForDecision = Prisma.sql`(
  SELECT q.* FROM requests q
  JOIN principals asking ON asking.id = q.principal_id AND asking.disabled_at IS NULL
  LEFT JOIN eligibilities held ON held.id = q.eligibility_id
  LEFT JOIN request_approvals timed ON timed.request_id = q.id AND timed.closed_at IS NULL
    AND timed.expires_at <= postern_now()
  WHERE q.status = 'PendingApproval' AND timed.request_id IS NULL
    AND (q.requestor_id = q.principal_id OR q.principal_id IN (SELECT principal_and_groups(q.requestor_id)))
    AND (NOT ${ofActivation("q")} OR coalesce(${coversActivation("q")}, false))
    AND (NOT ${extendsActivation("q")} OR ${stillRuns("q")})) q`;
