import type { ResourceFacts } from "@/lib/authority/authority";
import { reaches } from "@/lib/authority/rights-until-commit";
import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import { activationFailures } from "@/lib/domain/gate/policy-rules";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { isInEffect, type Schedule } from "@/lib/domain/time/schedule";
import { resourceContains } from "@/lib/operations/gate/existing-access";
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
  readonly now: Date;
}

/** Every rule that an approved activation no longer meets, under the settings in force now. */
export async function failuresNow(
  transaction: Transaction,
  { request, resource, settings, eligibility, now }: ApprovedRequest,
  schedule: Schedule,
): Promise<RuleFailure[]> {
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
    ...activationFailures(settings, {
      schedule,
      durationMinutes: request.durationMinutes ?? 0,
      eligibility: eligibility ?? schedule,
      justification: request.justification,
      ticketNumber: request.ticketNumber,
      ticketSystem: request.ticketSystem,
      proved: request.proofId !== null,
    }).map((failure) => ({ ...failure, message: messagesAfterApproval[failure.rule] ?? failure.message })),
  );
  if (await memberHasRoleDuring(transaction, request, schedule)) {
    failures.push({
      rule: "OverlapRule",
      field: "startsAt",
      message: "The member already has this role at this scope for that time.",
    });
  }
  const conflicts = await conflictsOf(transaction, { given: [givenBy(request, schedule)] });
  for (const rule of new Set(conflicts.map(({ ruleName }) => ruleName)))
    failures.push({
      rule: "ConflictRule",
      field: "conflict",
      // Whoever approves may not know what else the member holds.
      message: `The member holds a role that conflicts with this one by the rule ${isolated(rule)}.`,
    });
  return failures;
}

/** The message of a rule that became stricter while the request waited. */
export const messagesAfterApproval: Partial<Record<RuleFailure["rule"], string>> = {
  MfaRule: "The role settings now require Multi-Factor Authentication, which the request was made without.",
  ExpirationRule: "The role settings no longer allow this duration.",
  JustificationRule: "The role settings now require a justification, which the request was made without.",
  TicketingRule: "The role settings now require ticket information, which the request was made without.",
  EligibilityRule: "The member's eligibility does not cover this whole time.",
};
