import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import { type AssignmentFacts, assignmentFailures } from "@/lib/domain/gate/policy-rules";
import { addDays, isInEffect, type Schedule } from "@/lib/domain/gate/schedule";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** How long before its end a member may ask to extend an eligible or active assignment. */
export const extensionWindowDays = 14;
/** How long after its end a member may ask to renew it. */
export const renewalWindowDays = 30;

/** An eligibility or assignment as its extension and renewal depend on it. */
export interface RenewableAccess extends Schedule {
  /** What a member activated is not prolonged: it is activated again. */
  readonly assignmentType: "Eligible" | "Assigned" | "Activated";
  /** Whether an administrator took it away: then it did not expire, and is given anew or not at all. */
  readonly removed: boolean;
}

/**
 * What a member may ask for now: to extend, from fourteen days before the end until the end; to renew, from the end
 * until thirty days after it; null at any other time, and for what is permanent, removed or activated.
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
 * What a member's wish is judged by: what an administrator's assignment is, less the second factor, which is the
 * administrator's to give when they decide; a reason is always asked for.
 */
export function renewalRequestFailures(
  settings: RoleSettings,
  facts: Omit<AssignmentFacts, "proved" | "stepUp">,
): RuleFailure[] {
  return assignmentFailures(
    { ...settings, assignmentRequiresJustification: true },
    { ...facts, stepUp: [], proved: false },
  ).concat(
    facts.assignmentType === "Eligible" && (facts.justification ?? "").trim() === ""
      ? [{ rule: "JustificationRule", field: "justification", message: "Give a reason." }]
      : [],
  );
}

/**
 * The end that is proposed for an extension or renewal: as long again as it lasted, from its end or, when that has
 * passed, from now, within the maximum of the role settings, which counts from now; to the minute.
 */
export function proposedEnd(before: Schedule, maximumDays: number | null, now: Date): Date {
  const longest = addDays(now, maximumDays ?? 365).getTime();
  const lasted =
    before.endsAt === null ? Number.POSITIVE_INFINITY : before.endsAt.getTime() - before.startsAt.getTime();
  const from = Math.max(before.endsAt?.getTime() ?? 0, now.getTime());
  return new Date(Math.floor(Math.min(from + lasted, longest) / 60_000) * 60_000);
}
