import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import { type AssignmentFacts, assignmentFailures } from "@/lib/domain/gate/policy-rules";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, isInEffect, type Schedule } from "@/lib/domain/time/schedule";

/** How long before its end a member may ask to extend an eligible or active assignment. */
export const extensionWindowDays = 14;
/** How long after its end a member may ask to renew it. */
export const renewalWindowDays = 30;

/** The facts of an eligibility or assignment that its extension and renewal depend on. */
export interface RenewableAccess extends Schedule {
  /** An activation is not extended here. */
  readonly assignmentType: "Eligible" | "Assigned" | "Activated";
  /** Whether an administrator removed it. Then it did not expire, and can only be assigned again. */
  readonly removed: boolean;
}

/**
 * What a member may ask for now. Extend: from fourteen days before the end until the end. Renew: from
 * the end until thirty days after it. Null at any other time, and for what is permanent, removed or
 * activated.
 */
export function renewalOffer(access: RenewableAccess, now: Date): "Extend" | "Renew" | null {
  const { endsAt } = access;
  if (endsAt === null || access.removed || access.assignmentType === "Activated") return null;
  if (isInEffect(access, now)) return addDays(endsAt, -extensionWindowDays) <= now ? "Extend" : null;
  return endsAt > access.startsAt && endsAt <= now && now < addDays(endsAt, renewalWindowDays)
    ? "Renew"
    : null;
}

/**
 * The rules that a member's request must meet: those of an administrator's assignment, except the
 * second factor, which the administrator enters when they decide. A reason is always required.
 */
export function renewalRequestFailures(
  settings: RoleSettings,
  facts: Omit<AssignmentFacts, "provedBy" | "stepUp">,
): RuleFailure[] {
  return assignmentFailures(
    { ...settings, assignmentRequiresJustification: true },
    { ...facts, stepUp: [], provedBy: null },
  ).concat(
    facts.assignmentType === "Eligible" && (facts.justification ?? "").trim() === ""
      ? [{ rule: "JustificationRule", field: "justification", message: "Give a reason." }]
      : [],
  );
}

/**
 * The proposed end of an extension or renewal, to the minute. It lasts as long again, counted from its
 * end or, if that has passed, from now. The maximum of the role settings, counted from now, limits it.
 */
export function proposedEnd(before: Schedule, maximumDays: number | null, now: Date): Date {
  const longest = addDays(now, maximumDays ?? 365).getTime();
  const lasted =
    before.endsAt === null ? Number.POSITIVE_INFINITY : before.endsAt.getTime() - before.startsAt.getTime();
  const from = Math.max(before.endsAt?.getTime() ?? 0, now.getTime());
  return new Date(Math.floor(Math.min(from + lasted, longest) / 60_000) * 60_000);
}
