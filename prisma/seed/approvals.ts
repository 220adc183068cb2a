import { generateSync } from "otplib";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import { addDays, addMinutes } from "@/lib/domain/schedule";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up";
import { activateRole } from "@/lib/operations/activate-role";
import { approveRequest } from "@/lib/operations/approve-request";
import { cancelRequest } from "@/lib/operations/cancel-request";
import { decisionOperation } from "@/lib/operations/decide-request";
import { denyRequest } from "@/lib/operations/deny-request";
import { timeOutRequests } from "@/lib/operations/time-out-requests";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import type { Person } from "./organisation";

interface Tools {
  readonly database: Database;
  readonly keys: EncryptionKeys;
  readonly clock: { now: Date };
  readonly callerOf: (person: Person) => Promise<Caller>;
  readonly resourceId: string;
  readonly roleDefinitionId: string;
  readonly approver: Person;
  readonly requester: Person;
  readonly colleagues: readonly [Person, Person];
}

type Fate = "approved" | "denied" | "canceled" | "left";

/**
 * Requests of a role that takes approval, spread over the history, each with what became of it; the last one waits.
 * Answers what carries out everything up to a moment, so that the history stays in order.
 */
export function seedApprovals(tools: Tools, start: Date, end: Date): (until: Date) => Promise<void> {
  const { requester, colleagues } = tools;
  const plan: { at: Date; person: Person; reason: string; fate: Fate; words: string }[] = [
    {
      at: addDays(start, 9),
      person: colleagues[0],
      reason: "Give the on-call engineer access to the new key vault",
      fate: "approved",
      words: "Agreed in the change meeting",
    },
    {
      at: addDays(start, 23),
      person: colleagues[1],
      reason: "Try out a role for the interns",
      fate: "denied",
      words: "Please use the sandbox subscription for this",
    },
    {
      at: addDays(start, 38),
      person: colleagues[0],
      reason: "Clean up stale assignments",
      fate: "left",
      words: "",
    },
    {
      at: addDays(start, 54),
      person: requester,
      reason: "Onboard the payments team to production",
      fate: "approved",
      words: "Known onboarding, ticket checked",
    },
    {
      at: addDays(start, 70),
      person: colleagues[1],
      reason: "Prepare the quarterly access review",
      fate: "canceled",
      words: "",
    },
    {
      at: addMinutes(end, -95),
      person: colleagues[0],
      reason: "Assign the incident responders to the production database",
      fate: "left",
      words: "",
    },
  ];
  return async (until) => {
    for (let next = plan[0]; next && next.at <= until; next = plan[0]) {
      plan.shift();
      tools.clock.now = next.at;
      await timeOutRequests(tools.database);
      await carryOut(tools, next);
    }
  };
}

async function carryOut(
  tools: Tools,
  {
    at,
    person,
    reason,
    fate,
    words,
  }: { at: Date; person: Person; reason: string; fate: Fate; words: string },
): Promise<void> {
  const { database, clock, resourceId, roleDefinitionId } = tools;
  const eligibility = await database.client.eligibility.findFirstOrThrow({
    where: { principalId: person.id, roleDefinitionId, resourceId },
    select: { id: true },
  });
  const caller = await tools.callerOf(person);
  const input = { eligibilityId: eligibility.id, resourceId, startsAt: null, durationMinutes: 120 };
  const asked = await activateRole(database, caller, {
    ...input,
    justification: reason,
    ticketNumber: `CHG-${4100 + (at.getUTCDate() % 90)}`,
    ticketSystem: "Service desk",
    proofId: await prove(tools, person, caller, { kind: "ActivateRole", ...input }),
  });
  if (!asked.ok || asked.status !== "PendingApproval")
    throw new Error(`the demo request was not asked for: ${JSON.stringify(asked)}`);
  if (fate === "left") return;
  clock.now = addMinutes(at, 25);
  const { requestId } = asked;
  if (fate === "canceled") {
    await cancelRequest(database, caller, { requestId, justification: null });
    return;
  }
  const approver = await tools.callerOf(tools.approver);
  const decision = fate === "approved" ? "Approve" : "Deny";
  const proofId = await prove(tools, tools.approver, approver, decisionOperation(decision, [requestId]));
  const decide = fate === "approved" ? approveRequest : denyRequest;
  const decided = await decide(database, approver, { requestId, justification: words, proofId });
  if (!decided.ok) throw new Error(`the demo decision was refused: ${JSON.stringify(decided.error)}`);
}

async function prove(
  { database, keys, clock }: Tools,
  person: Person,
  caller: Caller,
  operation: ProtectedOperation,
): Promise<string | null> {
  const challenge = await createChallenge(database, caller, operation);
  const epoch = Math.floor(clock.now.getTime() / 1000);
  const code = generateSync({ secret: person.totpSecret ?? "", epoch });
  const met =
    challenge && (await meetChallenge(database, keys, caller, { challengeId: challenge.challengeId, code }));
  return met?.ok ? met.proofId : null;
}
