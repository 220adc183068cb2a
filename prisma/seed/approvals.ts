import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import { decideRequests } from "@/lib/operations/requests/decide-requests";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import type { Caller } from "@/lib/platform/caller";
import type { Demo } from "./demo";
import type { Person } from "./organisation";

interface Tools {
  readonly demo: Demo;
  readonly administrator: Caller;
  readonly productionId: string;
  readonly stagingId: string;
  readonly roleDefinitionId: string;
  readonly approver: Person;
  readonly requester: Person;
  readonly colleagues: readonly [Person, Person];
}

interface Planned {
  readonly at: Date;
  readonly person: Person;
  readonly resourceId: string;
  readonly reason: string;
  readonly fate: "approved" | "denied" | "canceled" | "revoked" | "left";
  readonly words: string;
}

/**
 * Requests for a role that needs approval, spread over the history, each with its result; the last two wait. Returns
 * a function that carries out everything up to a moment, so that the history stays in order.
 */
export function seedApprovals(tools: Tools, start: Date, end: Date): (until: Date) => Promise<void> {
  const { requester, colleagues, productionId, stagingId } = tools;
  const plan: Planned[] = [
    {
      at: addDays(start, 9),
      person: colleagues[0],
      resourceId: productionId,
      reason: "Give the on-call engineer access to the new key vault",
      fate: "approved",
      words: "Agreed in the change meeting",
    },
    {
      at: addDays(start, 23),
      person: colleagues[1],
      resourceId: productionId,
      reason: "Try out a role for the interns",
      fate: "denied",
      words: "Please use the sandbox subscription for this",
    },
    {
      at: addDays(start, 38),
      person: colleagues[0],
      resourceId: productionId,
      reason: "Clean up stale assignments",
      fate: "left",
      words: "",
    },
    {
      at: addDays(start, 54),
      person: requester,
      resourceId: productionId,
      reason: "Onboard the payments team to production",
      fate: "approved",
      words: "Known onboarding, ticket checked",
    },
    {
      at: addDays(start, 62),
      person: requester,
      resourceId: stagingId,
      reason: "Give the payments team access for their load test",
      fate: "revoked",
      words: "The payments team tests in the sandbox now",
    },
    {
      at: addDays(start, 70),
      person: colleagues[1],
      resourceId: productionId,
      reason: "Prepare the quarterly access review",
      fate: "canceled",
      words: "",
    },
    {
      at: addMinutes(end, -19 * 60),
      person: colleagues[1],
      resourceId: productionId,
      reason: "Assign the release managers for the winter campaign",
      fate: "left",
      words: "",
    },
    {
      at: addMinutes(end, -95),
      person: colleagues[0],
      resourceId: productionId,
      reason: "Assign the incident responders to the production database",
      fate: "left",
      words: "",
    },
  ];
  return async (until) => {
    for (let next = plan[0]; next && next.at <= until; next = plan[0]) {
      plan.shift();
      const { clock } = tools.demo;
      // The last step may have ended after this.
      if (clock.now < next.at) clock.now = next.at;
      await timeOutRequests(tools.demo.database);
      await carryOut(tools, next);
      // Only events of the last days are notified.
      if (clock.now >= addDays(end, -3)) await deliverNotifications(tools.demo.database, { mail: false });
    }
  };
}

async function carryOut(
  tools: Tools,
  { at, person, resourceId, reason, fate, words }: Planned,
): Promise<void> {
  const { demo, roleDefinitionId } = tools;
  const { database, clock } = demo;
  const eligibility = await database.client.eligibility.findFirstOrThrow({
    where: { principalId: person.id, roleDefinitionId, resourceId },
    select: { id: true },
  });
  const caller = await demo.callerOf(person);
  const input = { eligibilityId: eligibility.id, resourceId, startsAt: null, durationMinutes: 120 };
  const asked = await activateRole(database, caller, {
    ...input,
    justification: reason,
    ticketNumber: `CHG-${4100 + (at.getUTCDate() % 90)}`,
    ticketSystem: "Service desk",
    proofId: await demo.prove(person, caller, { kind: "ActivateRole", ...input }),
  });
  if (!asked.ok || asked.status !== "PendingApproval")
    throw new Error(`the demo request was not asked for: ${JSON.stringify(asked)}`);
  if (fate === "left") return;
  clock.now = addMinutes(clock.now, 25);
  const { requestId } = asked;
  if (fate === "canceled") {
    await cancelRequest(database, caller, { requestId, justification: null });
    return;
  }
  if (fate === "revoked") {
    const removed = await removeAssignment(database, tools.administrator, {
      assignmentType: "Eligible",
      id: eligibility.id,
      justification: words,
    });
    if (!removed.ok) throw new Error(`the demo removal was refused: ${JSON.stringify(removed.error)}`);
    return;
  }
  const approver = await demo.callerOf(tools.approver);
  const decision = fate === "approved" ? "Approve" : "Deny";
  const proofId = await demo.prove(tools.approver, approver, decideRequestsOperation(decision, [requestId]));
  const decisions = await decideRequests(database, approver, {
    ...{ requestIds: [requestId], decision, justification: words, proofId },
  });
  for (const decided of decisions)
    if (!decided.ok) throw new Error(`the demo decision was refused: ${JSON.stringify(decided.error)}`);
}
