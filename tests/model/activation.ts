// Activating, deactivating, and asking for approval (docs/rules.md, sections 1, 4, 6 and "Times and durations").
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { type Action, type Choice, date, forbidden, iso, type Operation, spend } from "./action";
import { openStage } from "./approval";
import { conflicts } from "./conflicts";
import { cancelScheduled } from "./consequences";
import {
  activationSettings,
  alreadyThere,
  contains,
  find,
  inEffect,
  judgingLevels,
  knowsOf,
  longest,
  may,
  reach,
  waitsAtAll,
} from "./rules";
import {
  type Access,
  day,
  done,
  failed,
  minute,
  named,
  type Request,
  record,
  refused,
  type Settings,
  type State,
} from "./state";
import { asOutcome } from "./world";

interface Asked {
  readonly who: string;
  readonly role: string;
  readonly at: string;
  readonly start: number | null;
  readonly minutes: number;
  readonly reason: boolean;
  readonly ticket: boolean;
}

/** The end of an activation: if it is at most five minutes too long, it ends with its eligibility. */
export function lastsUntil(from: number, minutes: number, last: number): number {
  const until = from + minutes * minute;
  return from < last && last < until && until <= last + 5 * minute ? last : until;
}

/** Every rule of the settings that an activation fails. */
export function activationRules(
  settings: Settings,
  basis: Pick<Access, "from" | "until">,
  asked: Asked & { from: number; proved: boolean },
): string[] {
  const until = lastsUntil(asked.from, asked.minutes, basis.until);
  const left = Math.max(1, Math.floor((basis.until - asked.from) / minute));
  return [
    ...(asked.from < basis.from || until > basis.until ? ["EligibilityRule"] : []),
    ...(asked.minutes > settings.maximumMinutes || asked.minutes < Math.min(30, left)
      ? ["ExpirationRule"]
      : []),
    ...(settings.reason && !asked.reason ? ["JustificationRule"] : []),
    ...(settings.ticket && !asked.ticket ? ["TicketingRule"] : []),
    ...(settings.mfa && !asked.proved ? ["MfaRule"] : []),
  ];
}

export function activate(state: State, choice: Choice): Action | null {
  const users = Object.keys(state.principals).filter((name) => state.principals[name]?.type === "User");
  // Mostly somebody who may activate, and mostly a role in effect.
  const eligibilities = state.access.filter((each) => each.kind === "Eligible");
  const likely = eligibilities.filter((each) => inEffect(each, state.now));
  const basis = choice.of(choice.once(6) || likely.length === 0 ? eligibilities : likely);
  if (!basis) return null;
  const able = users.filter((name) => reach(state, name).has(basis.who));
  const actor = choice.of(choice.once(8) || able.length === 0 ? users : able) ?? "olga";
  const within = Object.keys(state.resources).filter((each) => contains(state, basis.at, each));
  const at = choice.of(choice.once(8) ? Object.keys(state.resources) : within) ?? basis.at;
  const settings = activationSettings(state, basis.role, basis.at, at);
  const left = Math.floor((basis.until - state.now) / minute);
  const minutes =
    (choice.once(3)
      ? choice.of([31, settings.maximumMinutes + 1, 29, left - 1, left, left + 1, left + 5, left + 6])
      : choice.of([30, 60, settings.maximumMinutes])) ?? 30;
  const start =
    choice.of([
      null,
      null,
      null,
      null,
      state.now + 3_600_000,
      state.now + 3_600_000,
      state.now - 60_000,
      state.now + 367 * day,
    ]) ?? null;
  const reason = !choice.once(8);
  const ticket = settings.ticket ? !choice.once(4) : choice.once(4);
  const asked: Asked = {
    who: actor,
    role: basis.role,
    at,
    start,
    minutes: Number.isFinite(minutes) ? Math.max(minutes, 1) : 30,
    reason,
    ticket,
  };
  const like =
    (durationMinutes: number): Operation =>
    (id) => ({
      kind: "ActivateRole",
      eligibilityId: id(basis.id),
      resourceId: id(at),
      startsAt: iso(start),
      durationMinutes,
    });
  const operation = like(asked.minutes);
  return {
    words: `${actor} activates ${basis.role} of ${basis.id} (${basis.who}) at ${at} for ${asked.minutes} minutes${start === null ? "" : ` from ${iso(start)}`}${reason ? "" : " without a reason"}`,
    actor,
    operation,
    near: like(asked.minutes + 1),
    locks: [
      ...judgingLevels(state, basis.at, at).map(
        (level) => ({ table: "role_management_policies", name: basis.role, at: level }) as const,
      ),
      { table: "eligibilities", name: basis.id },
    ],
    apply(after, proof) {
      const now = find(after, basis.id);
      if (!now || !reach(after, actor).has(now.who)) return forbidden;
      if (!contains(after, now.at, at) && !knowsOf(after, actor, at)) return forbidden;
      if (!inEffect(now, after.now) || !contains(after, now.at, at))
        return refused("RoleAssignmentDoesNotExist");
      const from = Math.max(start ?? after.now, after.now);
      if (from > after.now + longest(365)) return refused("InvalidRoleAssignmentRequestSchedule");
      const until = lastsUntil(from, asked.minutes, now.until);
      const row = { kind: "Activated" as const, who: actor, role: basis.role, at, from, until };
      if (alreadyThere(after, row)) return refused("RoleAssignmentExists");
      if (conflicts(after, [row])) return refused("RoleAssignmentConflict");
      const counting = activationSettings(after, basis.role, now.at, at);
      const proved = counting.mfa && spend(after, proof, actor, operation);
      const rules = activationRules(counting, now, { ...asked, from, proved });
      if (rules.length > 0) return failed(rules);
      const request = { type: "SelfActivate", asker: actor, about: basis.id, ...asked, proved };
      if (counting.approval) {
        const waiting = after.requests.some(
          (each) =>
            waitsAtAll(each) &&
            each.type === "SelfActivate" &&
            each.who === actor &&
            each.role === basis.role &&
            each.at === at,
        );
        if (waiting) return refused("PendingRoleAssignmentRequest");
        const approval = openStage(after, counting.stages, 0, counting.approverMfa);
        record(after, { ...request, status: "PendingApproval", approval });
        return { ok: true, status: "PendingApproval" };
      }
      const made = named(after, "a");
      after.access.push({ ...row, id: made, basis: basis.id, removed: false });
      const status = from > after.now ? "ScheduleCreated" : "Provisioned";
      record(after, { ...request, status, made, start: from });
      return { ok: true, status };
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await activateRole(world.database, caller, {
          eligibilityId: world.id(basis.id),
          resourceId: world.id(at),
          startsAt: date(start),
          durationMinutes: asked.minutes,
          justification: reason ? "Fix the outage" : " ",
          ticketNumber: ticket ? "INC-1" : null,
          ticketSystem: ticket ? "Jira" : null,
          proofId,
        }),
      ),
  };
}

export function deactivate(state: State, choice: Choice): Action | null {
  const activations = state.access.filter((each) => each.kind === "Activated");
  const running = activations.filter((each) => each.until > state.now && each.until > each.from);
  const row = choice.of(choice.once(5) || running.length === 0 ? activations : running);
  if (!row) return null;
  return deactivating(row, choice.once(6) ? "max" : row.who);
}

/** Deactivates an activation. */
export function deactivating(row: Access, actor: string): Action {
  return {
    words: `${actor} gives up ${row.role} at ${row.at} (${row.id})`,
    actor,
    operation: null,
    locks: [{ table: "assignments", name: row.id }],
    apply(after) {
      const now = find(after, row.id);
      if (!now || now.who !== actor || !after.principals[actor]?.enabled) return forbidden;
      if (now.until <= after.now || now.until <= now.from) return refused("RoleAssignmentDoesNotExist");
      if (now.from > after.now) cancelScheduled(after, now.id);
      now.until = Math.max(now.from, after.now);
      now.removed = true;
      const { who, role, at } = now;
      record(after, {
        type: "SelfDeactivate",
        status: "Revoked",
        asker: actor,
        who,
        role,
        at,
        about: now.id,
      });
      return done;
    },
    call: async (world, caller) =>
      asOutcome(await deactivateRole(world.database, caller, { assignmentId: world.id(row.id) })),
  };
}

export function cancel(state: State, choice: Choice): Action | null {
  const open = state.requests.filter((each) => waitsAtAll(each) || each.status === "ScheduleCreated");
  const request = choice.of(choice.once(5) || open.length === 0 ? state.requests : open);
  if (!request) return null;
  return canceling(request, choice.of([request.asker, request.asker, "olga", "una", "max"]));
}

/** Withdraws a request. */
export function canceling(request: Request, actor: string): Action {
  return {
    words: `${actor} cancels ${request.type} ${request.id} of ${request.asker}`,
    actor,
    operation: null,
    locks: [{ table: "requests", name: request.id }],
    apply(after) {
      const now = after.requests.find((each) => each.id === request.id);
      if (!now || (now.asker !== actor && !may(after, actor, "assign", now.at))) return forbidden;
      const scheduled = now.status === "ScheduleCreated" && now.type === "SelfActivate";
      if (!waitsAtAll(now) && !scheduled) return refused("RequestNotPending");
      now.status = "Canceled";
      const made = find(after, now.made);
      if (scheduled && made) Object.assign(made, { until: made.from, removed: true });
      return done;
    },
    call: async (world, caller) =>
      asOutcome(
        await cancelRequest(world.database, caller, { requestId: world.id(request.id), justification: null }),
      ),
  };
}
