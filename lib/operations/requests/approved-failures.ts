import type { ResourceFacts } from "@/lib/authority/authority";
import { reaches } from "@/lib/authority/rights-until-commit";
import { extensionTimeFailures } from "@/lib/domain/gate/activation-extension";
import { activationSchedule } from "@/lib/domain/gate/activation-time";
import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import { activationFailures, activationFormFailures } from "@/lib/domain/gate/policy-rules";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { isInEffect, type Schedule } from "@/lib/domain/time/schedule";
import { nextStart, resourceContains } from "@/lib/operations/gate/existing-access";
import type { HeldAccess, RoleFacts } from "@/lib/operations/gate/load-access";
import { conflictsOf } from "@/lib/operations/gate/refuse-conflicts";
import type { LoadedRequest } from "@/lib/operations/requests/load-request";
import { givenBy, memberHasRoleDuring } from "@/lib/operations/requests/open-request";
import type { Transaction } from "@/lib/platform/database";

/** A request with its last approval. Everything that judges it is locked. */
export interface ApprovedRequest {
  readonly request: LoadedRequest;
  readonly role: RoleFacts;
  readonly resource: ResourceFacts;
  readonly settings: RoleSettings;
  /** Null when it has ended. */
  readonly eligibility: HeldAccess | null;
  /** The activation that it extends; null when it has ended, and for a request to activate. */
  readonly activation: HeldAccess | null;
  readonly now: Date;
}

type Times = Pick<ApprovedRequest, "request" | "eligibility" | "activation" | "now">;

/** The requested time: of an activation, from now; of an extension, what is added to the running one. */
export function scheduleNow({ request, eligibility, activation, now }: Times): {
  readonly startsAt: Date;
  readonly endsAt: Date;
} {
  if (extendsActivation(request)) {
    if (request.endsAt === null) throw new Error("a request to extend an activation has no end");
    return { startsAt: activation?.endsAt ?? now, endsAt: request.endsAt };
  }
  const startsAt = request.startsAt !== null && request.startsAt > now ? request.startsAt : now;
  return activationSchedule(startsAt, request.durationMinutes ?? 0, eligibility);
}

/** The rules about its times, reason, ticket and proof that an approved request fails now. */
export async function policyFailures(
  transaction: Transaction,
  { request, settings, eligibility, activation, now }: Times & Pick<ApprovedRequest, "settings">,
  schedule: Schedule & { readonly endsAt: Date },
  provedBy: StepUpMethod | null,
): Promise<RuleFailure[]> {
  const { justification, ticketNumber, ticketSystem } = request;
  const form = { justification, ticketNumber, ticketSystem, provedBy };
  if (activation?.endsAt) {
    const limits = {
      presentEnd: activation.endsAt,
      eligibleUntil: eligibility?.endsAt ?? null,
      nextStart: await nextStart(transaction, activation),
    };
    return [
      ...extensionTimeFailures(settings, limits, schedule.endsAt, now),
      ...activationFormFailures(settings, form),
    ];
  }
  const durationMinutes = request.durationMinutes ?? 0;
  const facts = { ...form, schedule, durationMinutes, eligibility: eligibility ?? schedule };
  return activationFailures(settings, facts);
}

/** Every rule that an approved request no longer meets, under the settings in force now. */
export async function failuresNow(
  transaction: Transaction,
  approved: ApprovedRequest,
  schedule: Schedule & { readonly endsAt: Date },
): Promise<RuleFailure[]> {
  const { request, resource, eligibility, activation, now } = approved;
  const failures: RuleFailure[] = [];
  if (
    eligibility === null ||
    !isInEffect(eligibility, now) ||
    !(await reaches(transaction, request.principalId, eligibility.principalId)) ||
    !(await resourceContains(transaction, eligibility.resourceId, resource.id))
  ) {
    failures.push({
      rule: "EligibilityRule",
      field: "eligibility",
      message: "The member is no longer eligible for this role at this scope.",
    });
  }
  failures.push(
    ...(await policyFailures(transaction, approved, schedule, request.provedBy)).map((failure) => ({
      ...failure,
      message: request.factorGone && failure.rule === "MfaRule" ? factorGone : messageAfterApproval(failure),
    })),
  );
  // A conflict of an extension is one of its failed rules.
  if (!activation && (await memberHasRoleDuring(transaction, request, schedule)))
    failures.push({ rule: "OverlapRule", field: "startsAt", message: hasRole });
  const conflicts = await conflictsOf(transaction, { given: [givenBy(request, schedule)] });
  for (const rule of new Set(conflicts.map(({ ruleName }) => ruleName)))
    failures.push({
      rule: "ConflictRule",
      field: "conflict",
      // An approver may not learn what else the member holds.
      message: `The member holds a role that conflicts with this one by the rule ${isolated(rule)}.`,
    });
  return failures;
}

const factorGone =
  "The factor that confirmed this request has been removed or replaced since. The member can ask again with a current one.";
const hasRole = "The member already has this role at this scope for that time.";

/** The text for a rule that became stricter while the request waited. */
export function messageAfterApproval({ rule, field, message }: RuleFailure): string {
  if (field === "passkey")
    return "The role settings now accept only a phishing-resistant factor, and the request was made without one.";
  return messagesAfterApproval[rule] ?? message;
}

const messagesAfterApproval: Partial<Record<RuleFailure["rule"], string>> = {
  MfaRule: "The role settings now require Multi-Factor Authentication, and the request was made without it.",
  ExpirationRule: "The role settings no longer allow this duration.",
  JustificationRule: "The role settings now require a justification, and the request was made without one.",
  TicketingRule: "The role settings now require ticket information, and the request was made without it.",
  EligibilityRule: "The member's eligibility does not cover this whole time.",
  OverlapRule: hasRole,
};
