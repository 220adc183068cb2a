import { waitsForDecision } from "@/lib/authority/request-basis";
import { approvalsOfOpenStages, approvedOtherStage, openIds } from "@/lib/authority/stage-approvals";
import { type Audience, detailText, type EventFacts } from "@/lib/domain/notifications/event-facts";
import { approversBefore } from "@/lib/domain/notifications/settings-notices";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { type Action, action } from "@/lib/domain/roles/permissions";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { approvalStagesShape } from "@/lib/domain/roles/role-settings-shape";
import {
  addedReviewers,
  informed,
  membershipManagers,
  reviewers,
  reviewersWithOpenItems,
  reviewStarters,
} from "@/lib/operations/notifications/find-review-audience";
import {
  type EligiblePerson,
  everybodyIn,
  type Person,
  peopleWhoMay,
  peopleWhoMayByActivating,
} from "@/lib/operations/people/find-people";
import type { Transaction } from "@/lib/platform/database";

/** Somebody to notify; `activateFirst` is the role that they must activate before they can act on it. */
export type Recipient = Person & Partial<Pick<EligiblePerson, "activateFirst">>;

/**
 * The people of an event's audience, as things are now. The actor is left out of group notifications.
 * People who would be administrators after activating a role belong to an audience of administrators as
 * well. For a `routine` notice they do so only if there is no active administrator to read it.
 */
export async function findAudience(
  transaction: Transaction,
  audience: Audience,
  event: EventFacts,
  settings: RoleSettings,
  routine: boolean,
): Promise<readonly Recipient[]> {
  const others = <Somebody extends Person>(people: readonly Somebody[]) =>
    people.filter((person) => person.id !== event.actorId);
  const who = async (...operations: readonly Action[]): Promise<readonly Recipient[]> => {
    if (event.resourceId === null) return [];
    const now = await peopleWhoMay(transaction, operations, event.resourceId);
    if (routine && others(now).length > 0) return now;
    const may = new Set(now.map((person) => person.id));
    const eligible = await peopleWhoMayByActivating(transaction, operations, event.resourceId);
    return [...now, ...eligible.filter((person) => !may.has(person.id))];
  };
  switch (audience) {
    case "actor":
      return everybodyIn(transaction, [event.actorId]);
    case "target":
      return everybodyIn(transaction, [event.targetId]);
    case "requestor":
      return everybodyIn(transaction, [event.requestorId]);
    case "deciders":
      return deciders(transaction, event, who);
    case "asked":
      return others(await asked(transaction, event));
    case "emergencyReviewers":
      return withoutOwn(transaction, event, others(await emergencyReviewers(transaction, event, who)));
    case "approvers": {
      const named = settings.approvalStages.flatMap((stage) => stage.approverIds);
      return settings.approvalRequired ? others(await everybodyIn(transaction, named)) : [];
    }
    case "approversBefore":
      return others(await everybodyIn(transaction, approversBefore(event)));
    case "administrators":
      return others(await who(action.writeRoleSettings));
    case "exceptionAsker":
      return others(await everybodyIn(transaction, [detailText(event, "askedById")]));
    case "exceptionDeciders":
      return withoutNamed(transaction, event, others(await who(action.writeRoleSettings)));
    case "eligibilityAssigners":
      return withoutOwn(transaction, event, others(await who(action.writeEligibility)));
    case "roleAssigners":
      return withoutOwn(transaction, event, others(await who(action.writeAssignment)));
    case "reviewers":
      return reviewers(transaction, detailText(event, "accessReviewId"));
    case "addedReviewers":
      return addedReviewers(transaction, event);
    case "reviewersWithOpenItems":
      return reviewersWithOpenItems(transaction, detailText(event, "accessReviewId"));
    case "reviewOwner":
      return everybodyIn(transaction, [
        detailText(event, "administratorId") ?? detailText(event, "createdById"),
      ]);
    case "scheduleAdministrator":
      return everybodyIn(transaction, [detailText(event, "administratorId")]);
    case "reviewInformed":
      return others(await informed(transaction, event));
    case "reviewStarters":
      return others(await reviewStarters(event, who));
    case "membershipManagers":
      return others(await membershipManagers(transaction, event, who));
  }
}

/** Leaves out people who would decide on a request of their own, or on one that gives them access through a group. */
async function withoutOwn(
  transaction: Transaction,
  event: EventFacts,
  people: readonly Recipient[],
): Promise<readonly Recipient[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT users_in(ARRAY[q.principal_id, q.requestor_id]) AS id FROM requests q WHERE q.id = ${event.requestId}::uuid`;
  const gaining = new Set(rows.map((row) => row.id));
  return people.filter((person) => !gaining.has(person.id));
}

/** Leaves out the person who asked for the exception, and those whom it would benefit directly or through a group. */
async function withoutNamed(
  transaction: Transaction,
  event: EventFacts,
  people: readonly Recipient[],
): Promise<readonly Recipient[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT users_in(ARRAY[${event.targetId}::uuid]) AS id`;
  const own = new Set([detailText(event, "askedById"), ...rows.map((row) => row.id)]);
  return people.filter((person) => !own.has(person.id));
}

/**
 * The people who can decide a waiting request now: the approvers of its open stage, and the administrators if there
 * are too few approvers. Leaves out people who approved any stage, and people who would decide for themselves.
 */
async function deciders(
  transaction: Transaction,
  event: EventFacts,
  who: (operation: Action) => Promise<readonly Recipient[]>,
): Promise<readonly Recipient[]> {
  const [open] = await transaction.$queryRaw<{ approverIds: string[]; needed: number; gaining: string[] }[]>`
    SELECT (${openIds("a")})::text[] AS "approverIds", a.approvals_needed AS needed,
      (array(SELECT users_in(ARRAY[q.principal_id, q.requestor_id])) || array(SELECT * FROM ${approvedOtherStage("a")} gave))::text[]
        AS gaining
    FROM request_approvals a JOIN requests q ON q.id = a.request_id
    WHERE q.id = ${event.requestId}::uuid AND a.closed_at IS NULL AND ${waitsForDecision("q")}`;
  if (!open || event.requestId === null) return [];
  const given = await approvalsOfOpenStages(transaction, [event.requestId]);
  const stillNeeded = open.needed - given.filter((each) => each.counts).length;
  // If a lapsed approval counts again, the stage has enough approvals but still needs one approver to confirm.
  const barred = new Set([...(stillNeeded > 0 ? given.map((each) => each.deciderId) : []), ...open.gaining]);
  const able = <Somebody extends Person>(people: readonly Somebody[]) =>
    people.filter((person) => !barred.has(person.id));
  const approvers = able(await everybodyIn(transaction, open.approverIds));
  if (approvers.length >= stillNeeded) return approvers;
  const known = new Set(approvers.map((person) => person.id));
  const administrators = able(await who(action.writeRoleSettings)).filter((person) => !known.has(person.id));
  const barredNow = await transaction.$queryRaw<{ id: string }[]>`
    SELECT person.id FROM unnest(${administrators.map((person) => person.id)}::uuid[]) AS person (id)
    WHERE changed_who_decides(person.id, ${event.requestId}::uuid)`;
  const changed = new Set(barredNow.map((row) => row.id));
  return [...approvers, ...administrators.filter((person) => !changed.has(person.id))];
}

/**
 * The people who were notified that the request waits for their decision. Searched among those whom any
 * of its stages names and those who administer the resource, now or by activating a role.
 */
async function asked(transaction: Transaction, event: EventFacts): Promise<readonly Person[]> {
  const [row] = await transaction.$queryRaw<{ named: string[] }[]>`
    SELECT array(SELECT DISTINCT jsonb_array_elements_text((each.asks -> 'approverIds') || (each.asks -> 'escalationApproverIds'))
        FROM jsonb_array_elements(a.stages) AS each (asks))
      || a.approver_ids::text[] || a.escalation_ids::text[] AS named
    FROM request_approvals a WHERE a.request_id = ${event.requestId}::uuid`;
  const people = [...(await everybodyIn(transaction, row?.named ?? []))];
  const operations = row
    ? [action.writeRoleSettings]
    : [event.eligibilityId === null ? action.writeAssignment : action.writeEligibility];
  if (event.resourceId !== null)
    people.push(
      ...(await peopleWhoMay(transaction, operations, event.resourceId)),
      ...(await peopleWhoMayByActivating(transaction, operations, event.resourceId)),
    );
  const notified = await transaction.$queryRaw<{ id: string }[]>`
    SELECT person.id FROM unnest(${people.map((person) => person.id)}::uuid[]) AS person (id)
    WHERE EXISTS (SELECT FROM audit_events e
      JOIN notifications n ON n.recipient_id = person.id AND n.subject_key = 'event:' || e.id
      WHERE e.request_id = ${event.requestId}::uuid AND n.category = 'decisions')`;
  const ids = new Set(notified.map((each) => each.id));
  const once = new Map(people.map(({ id, email, mutedCategories }) => [id, { id, email, mutedCategories }]));
  return [...once.values()].filter((person) => ids.has(person.id));
}

/** The approvers of every stage of a request, and the administrators of its resource. They may review an emergency. */
async function emergencyReviewers(
  transaction: Transaction,
  event: EventFacts,
  who: (operation: Action) => Promise<readonly Recipient[]>,
): Promise<readonly Recipient[]> {
  if (event.requestId === null) return [];
  const approval = await transaction.requestApproval.findUnique({
    where: { requestId: event.requestId },
    select: { stages: true },
  });
  const named = namedApprovers(approvalStagesShape.parse(approval?.stages ?? []));
  const approvers = await everybodyIn(transaction, named);
  const known = new Set(approvers.map((person) => person.id));
  const administrators = await who(action.writeRoleSettings);
  return [...approvers, ...administrators.filter((person) => !known.has(person.id))];
}
