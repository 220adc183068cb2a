// Approving one's own request in an emergency, and closing its review (docs/rules.md, section 7).
import { breakGlass, breakGlassOperation } from "@/lib/operations/requests/break-glass";
import { closeBreakGlass } from "@/lib/operations/requests/close-break-glass";
import { type Action, type Choice, forbidden, type Operation, spend } from "./action";
import { activationRules, lastsUntil } from "./activation";
import { conflicts } from "./conflicts";
import { bornBefore, cameFrom, reachBefore } from "./grants";
import {
  activationSettings,
  alreadyThere,
  find,
  holds,
  judgingLevels,
  levels,
  ofActivation,
  reach,
  waits,
} from "./rules";
import { done, failed, named, type Request, refused, type Settings, type State } from "./state";
import { asOutcome } from "./world";

const users = (state: State) =>
  Object.keys(state.principals).filter((name) => state.principals[name]?.type === "User");

interface Used {
  readonly minutes: number;
  readonly reason: boolean;
}

export function useGlass(state: State, choice: Choice): Action | null {
  const asked = state.requests.filter(ofActivation);
  const waiting = asked.filter(waits);
  // Mostly one that the settings let its member approve.
  const likely = waiting.filter((each) => {
    const eligible = find(state, each.about);
    return (
      each.extends === null &&
      (each.start ?? 0) <= state.now &&
      eligible !== undefined &&
      capOf(activationSettings(state, each.role, eligible.at, each.at)) !== null
    );
  });
  const request = choice.of(choice.once(6) || likely.length === 0 ? asked : likely);
  if (!request) return null;
  const actor = (choice.once(8) ? choice.of(users(state)) : undefined) ?? request.asker;
  const minutes = choice.of([30, 30, 30, 60, 29, request.minutes]) ?? 30;
  const used: Used = { minutes, reason: !choice.once(8) };
  const justification = used.reason ? "It is down" : null;
  const like =
    (durationMinutes: number): Operation =>
    (id) =>
      breakGlassOperation({ requestId: id(request.id), durationMinutes, justification });
  const basis = find(state, request.about);
  return {
    words: `${actor} approves ${request.id} of ${request.asker} in an emergency for ${minutes} minutes${used.reason ? "" : " without a reason"}`,
    actor,
    operation: like(minutes),
    near: like(minutes + 1),
    locks: [
      ...judgingLevels(state, basis?.at ?? request.at, request.at).map(
        (level) => ({ table: "role_management_policies", name: request.role, at: level }) as const,
      ),
      ...(request.about ? [{ table: "eligibilities", name: request.about } as const] : []),
      { table: "requests", name: request.id },
    ],
    apply(after, proof) {
      const now = after.requests.find((each) => each.id === request.id);
      if (!now?.approval || now.who !== actor || now.asker !== actor) return forbidden;
      if (!waits(now)) return refused("RequestNotPending");
      return activateInEmergency(after, now, used, () => spend(after, proof, actor, like(minutes)));
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await breakGlass(world.database, caller, {
          ...{ requestId: world.id(request.id), durationMinutes: minutes, justification, proofId },
        }),
      ),
  };
}

/** The longest duration by the settings: null if a level that requires approval does not allow it. */
export const capOf = ({ approval, glass, maximumMinutes }: Settings) =>
  approval && glass !== null ? Math.min(glass, maximumMinutes) : null;

function activateInEmergency(state: State, request: Request, used: Used, prove: () => boolean) {
  const { who, role, at } = request;
  const basis = find(state, request.about);
  if (!basis) return forbidden;
  if (
    state.requests.some((each) => each.emergency?.closed === false && each.who === who && each.role === role)
  )
    return refused("BreakGlassUnderReview");
  const settings = activationSettings(state, role, basis.at, at);
  const cap = capOf(settings);
  const longest = cap === null ? null : Math.min(cap, request.minutes);
  const later = request.start !== null && request.start > state.now;
  const tooLong = longest !== null && used.minutes > longest;
  const badTime = tooLong || used.minutes < Math.max(1, Math.min(30, longest ?? 30));
  const own = [
    ...(cap === null || request.extends !== null || later ? ["BreakGlassRule"] : []),
    ...(badTime ? ["ExpirationRule"] : []),
  ];
  if (request.extends !== null || later) return failed(own);
  const minutes = badTime ? request.minutes : used.minutes;
  const until = lastsUntil(state.now, minutes, basis.until);
  const row = { kind: "Activated" as const, who, role, at, from: state.now, until };
  if (alreadyThere(state, row)) return refused("RoleAssignmentExists");
  if (conflicts(state, [row])) return refused("RoleAssignmentConflict");
  const proved = prove();
  const asked = { ...request, minutes, from: state.now, proved: true };
  const rules = [
    ...own,
    ...activationRules(settings, basis, asked).filter((rule) => rule !== "ExpirationRule"),
    ...(used.reason ? [] : ["JustificationRule"]),
    ...(proved ? [] : ["MfaRule"]),
  ];
  if (rules.length > 0) return failed(rules);
  request.made = named(state, "a");
  request.start = state.now;
  request.proved = true;
  request.status = "Provisioned";
  request.emergency = { closed: false, at: state.now };
  state.access.push({ ...row, id: request.made, basis: basis.id, removed: false });
  return done;
}

/** Whether somebody's right to close it existed before the emergency, or comes from somebody other than its member. */
function mayClose(state: State, actor: string, request: Request, used: number): boolean {
  const [now, before] = [reach(state, actor), reachBefore(state, actor, used)];
  const stages = request.approval?.stages ?? [];
  const approvers = stages.flatMap((stage) => [...stage.approvers, ...stage.escalation]);
  if (approvers.some((name) => before.has(name))) return true;
  const administers = state.access.filter(
    (each) =>
      levels(state, request.at).includes(each.at) &&
      state.roles[each.role]?.permissions.includes("editSettings") &&
      holds(state, now, each),
  );
  const old = administers.some((each) => {
    const right = find(state, each.basis) ?? each;
    return before.has(right.who) && bornBefore(right, used);
  });
  if (old) return true;
  const named = approvers.some((name) => now.has(name));
  return (named || administers.length > 0) && !cameFrom(state, actor, request.who, used);
}

export function closeGlass(state: State, choice: Choice): Action | null {
  const used = state.requests.filter((each) => each.emergency !== undefined);
  const open = used.filter((each) => each.emergency?.closed === false);
  const request = choice.of(choice.once(5) || open.length === 0 ? used : open);
  if (!request) return null;
  // Often its member, somebody who joined a group since, or people who may close it.
  const joined = state.members.filter(({ since }) => since >= request.created).map(({ member }) => member);
  const late = users(state).filter((name) => joined.some((each) => reach(state, name).has(each)));
  const likely = [request.who, choice.of(late) ?? request.who, choice.of(["olga", "una", "ann"])];
  const actor = choice.of(choice.once(3) ? users(state) : likely) ?? "olga";
  const reason = !choice.once(8);
  return {
    words: `${actor} closes the review of ${request.id}${reason ? "" : " without a note"}`,
    actor,
    operation: null,
    locks: [],
    apply(after) {
      const now = after.requests.find((each) => each.id === request.id);
      if (!now?.emergency || !now.approval) return forbidden;
      if (now.who === actor) return refused("OwnRequest");
      if (!mayClose(after, actor, now, now.emergency.at)) return forbidden;
      if (now.emergency.closed) return refused("RequestNotPending");
      if (!reason) return failed(["JustificationRule"]);
      now.emergency.closed = true;
      return done;
    },
    call: async (world, caller) =>
      asOutcome(
        await closeBreakGlass(world.database, caller, {
          ...{ requestId: world.id(request.id), outcome: "Justified", endActivation: false },
          justification: reason ? "Looked at it" : null,
        }),
      ),
  };
}
