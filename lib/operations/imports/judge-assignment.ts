import { z } from "zod";
import { assignmentFailures, proofNeeded, type StepUpReason } from "@/lib/domain/gate/policy-rules";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { RoleAssignmentRow } from "@/lib/domain/imports/import-kinds";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { addDays, overlap, type Schedule, scheduleFault } from "@/lib/domain/time/schedule";
import type { DirectPolicy } from "@/lib/operations/gate/lock-direct-policies";
import type { AccessType, AssignmentTarget } from "@/lib/operations/imports/assignment-targets";
import {
  type About,
  adds,
  asShown,
  bad,
  type ImportContext,
  type ImportItem,
  type ImportVerdict,
  unchanged,
} from "@/lib/operations/imports/importer";

/** How long the settings allow this kind of access to last at most, in days; null for permanent. */
function longestDays(type: AccessType, policy: DirectPolicy): number | null {
  return type === "Active" ? policy.activeMaximumDays : policy.eligibleMaximumDays;
}

/**
 * From when until when a row gives access. It ends when the file says, or never. If the administrator
 * chose that, it ends after the longest time that the settings allow. That time counts from the dry
 * run, since nothing may last longer than was shown.
 */
export function scheduleOf(
  context: ImportContext,
  type: AccessType,
  { data, shown }: ImportItem<RoleAssignmentRow>,
  policy: DirectPolicy,
  now: Date,
): Schedule {
  const begins = data.startsAt ? new Date(data.startsAt) : now;
  const startsAt = begins > now ? begins : now;
  const endsAt = data.endsAt ? new Date(data.endsAt) : null;
  const days = longestDays(type, policy);
  if (!context.capToMaximum || days === null) return { startsAt, endsAt };
  const longest = shownEnd(shown?.difference) ?? addDays(startsAt, days);
  return { startsAt, endsAt: endsAt !== null && endsAt < longest ? endsAt : longest };
}

function shownEnd(difference: unknown): Date | null {
  const parsed = shownShape.safeParse(difference);
  return parsed.success ? new Date(parsed.data.after.endsAt) : null;
}
const shownShape = z.object({ after: z.object({ endsAt: z.iso.datetime() }) });

/**
 * What determines the access of a row: who, which role and its permissions, where, and the maximum of the settings.
 */
export function aboutOf(
  context: ImportContext,
  type: AccessType,
  target: AssignmentTarget,
  policy: DirectPolicy,
): About {
  const { role, resource } = target;
  return {
    principals: [target.shown],
    facts: {
      roleId: role.id,
      roleVersion: role.version,
      resourceId: resource.id,
      ...(context.capToMaximum ? { longestDays: longestDays(type, policy) } : {}),
    },
  };
}

/** What judges a row besides its target and the settings. */
export interface AssignmentJudged {
  readonly now: Date;
  readonly schedule: Schedule;
  readonly about: About;
  readonly stepUp: readonly StepUpReason[];
  readonly provedBy: StepUpMethod | null;
  readonly mayAssign: boolean;
  readonly mayMake: boolean;
}

/** Judges a row by the rules for doing it by hand. */
export function judgeAssignment(
  context: ImportContext,
  type: AccessType,
  item: ImportItem<RoleAssignmentRow>,
  target: AssignmentTarget,
  policy: DirectPolicy,
  facts: AssignmentJudged,
): ImportVerdict {
  const { number, data } = item;
  const { principal, role, resource } = target;
  const { about, schedule } = facts;
  const refuse = (reason: string) => bad(number, reason, about);
  if (!facts.mayAssign)
    return refuse(
      type === "Active"
        ? `You may not assign roles over ${resource.scope}.`
        : `You may not make anybody eligible over ${resource.scope}.`,
    );
  if (!facts.mayMake)
    return refuse(`You may not create the service principal ${isolated(principal.displayName)}.`);
  if (type === "Eligible" && principal.type === "ServicePrincipal")
    return refuse("A service principal cannot activate a role, so it cannot be eligible for one.");
  const held = target.held.find((each) => overlap(each, schedule));
  if (held) return verdictOfHeld(item, type, held, facts);
  if (!target.assignable)
    return refuse(`${isolated(role.roleName)} cannot be assigned at ${resource.scope}.`);
  const after = {
    principal: target.shown.displayName,
    role: role.roleName,
    scope: resource.scope,
    ...(schedule.startsAt > facts.now ? { startsAt: schedule.startsAt.toISOString() } : {}),
    endsAt: schedule.endsAt?.toISOString() ?? null,
  };
  const shown = asShown(context, item, adds(number, about, after));
  if (shown.outcome === "Bad") return shown;
  if (data.endsAt && new Date(data.endsAt) <= facts.now) return refuse("It has ended, as the file says.");
  if (schedule.endsAt !== null && schedule.endsAt <= facts.now)
    return refuse("The end that was shown has passed.");
  const fault = scheduleFault(schedule, facts.now);
  if (fault !== null) return refuse(`The file has another time than is possible: ${fault.message}`);
  const failures = assignmentFailures(
    { ...defaultRoleSettings, ...policy },
    {
      assignmentType: type,
      schedule,
      // The dry run has no reason yet. Applying requires one.
      justification: context.write ? context.justification : "-",
      stepUp: facts.stepUp,
      provedBy: facts.provedBy,
    },
  );
  const refused = failures.filter((failure) => failure.rule !== "MfaRule");
  if (refused.length > 0) return refuse(refused.map((failure) => failure.message).join(" "));
  const reasons = [
    ...(principal.id === null
      ? [`Also creates the service principal ${isolated(principal.displayName)}.`]
      : []),
    ...(failures.length > 0
      ? [`It needs a second factor: ${failures.map(({ message }) => message).join(" ")}`]
      : []),
  ];
  return { ...shown, reason: reasons.join(" ") || null, ...proofNeeded(failures) };
}

/** A row whose access exists already, for all or part of its time. Existing access keeps its times. */
function verdictOfHeld(
  { number, data }: ImportItem<RoleAssignmentRow>,
  type: AccessType,
  held: AssignmentTarget["held"][number],
  { now, schedule, about }: AssignmentJudged,
): ImportVerdict {
  if (held.activated) {
    const reason = "They have activated this role here now. Import it again when the activation has ended.";
    return bad(number, reason, about);
  }
  if (held.startsAt > now && held.startsAt.getTime() !== schedule.startsAt.getTime()) {
    const noun = type === "Active" ? "an assignment" : "an eligible assignment";
    return bad(number, `There is ${noun} of this role here that starts later.`, about);
  }
  const keepsEnd = data.endsAt !== undefined && held.endsAt?.getTime() !== schedule.endsAt?.getTime();
  return unchanged(number, about, keepsEnd ? "It keeps the end that it has here." : null);
}
