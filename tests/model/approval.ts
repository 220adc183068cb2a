// Deciding on activations that wait (docs/rules.md, section 7).
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import { approveRequest, denyRequest } from "../support/decide-one";
import { type Action, type Choice, forbidden, type Operation, spend } from "./action";
import { activationRules, lastsUntil } from "./activation";
import { conflicts } from "./conflicts";
import { extensionRules } from "./extend-activation";
import {
  activationSettings,
  alreadyThere,
  below,
  contains,
  find,
  inEffect,
  inForce,
  levels,
  may,
  ofActivation,
  reach,
  reaches,
  runsUntil,
  usersIn,
  waits,
} from "./rules";
import {
  type Approval,
  always,
  failed,
  minute,
  named,
  type Outcome,
  type Request,
  refused,
  type Stage,
  type State,
} from "./state";
import { asOutcome } from "./world";

/** Opens a stage now: it waits its time for its approvers, and as long again if it escalates; at most until `last`. */
export function openStage(
  state: State,
  stages: readonly Stage[],
  stage: number,
  approverMfa: boolean,
  last = always,
): Approval {
  const open = stages[stage];
  if (!open) throw new Error(`there is no stage ${stage}`);
  const length = open.hours * 60 * minute;
  const escalates = open.escalation.length > 0;
  return {
    stages: structuredClone([...stages]),
    stage,
    approverMfa,
    given: stages.map(() => []),
    escalates: escalates ? state.now + length : always,
    expires: Math.min(state.now + length * (escalates ? 2 : 1), last),
    deciders: [],
  };
}

/** Whom the open stage asks now. */
export const asked = (state: State, { stages, stage, escalates }: Approval) => {
  const open = stages[stage];
  return [...(open?.approvers ?? []), ...(escalates <= state.now ? (open?.escalation ?? []) : [])];
};

export const neededOf = ({ stages, stage }: Approval) => stages[stage]?.needed ?? 1;

const monthBefore = 30 * 24 * 60 * 60_000;

/**
 * Whether somebody changed who decides on a request since it was made, or removed an approver in the thirty
 * days before. Such a person may not decide as an administrator.
 */
function changedWhoDecides(state: State, who: string, request: Request, approval: Approval): boolean {
  const open = approval.stages[approval.stage];
  const concerned = [...(open?.approvers ?? []), ...(open?.escalation ?? [])].flatMap((name) => [
    ...below(state, name),
  ]);
  return state.deeds.some(
    ({ by, at, role, resource, principal, takes }) =>
      by === who &&
      at >= request.created - (takes ? monthBefore : 0) &&
      ((role === request.role && resource !== undefined && levels(state, request.at).includes(resource)) ||
        (principal !== undefined && concerned.includes(principal))),
  );
}

/** Whether somebody decides as an administrator because too few approvers are able to. */
const administers = (state: State, who: string, request: Request, approval: Approval) =>
  may(state, who, "editSettings", request.at) && !changedWhoDecides(state, who, request, approval);

/** An approver approves one stage of a request. */
const gaveOther = ({ given, stage }: Approval, who: string) =>
  given.some((each, index) => index !== stage && each.some((one) => one.who === who));

/** How many approvals of the open stage count: those of people who may still decide. */
export function counting(state: State, request: Request, approval: Approval): number {
  const names = asked(state, approval);
  return (approval.given[approval.stage] ?? []).filter(({ who, asAdministrator }) => {
    const reached = reach(state, who);
    if (who === request.asker || reached.has(request.who) || gaveOther(approval, who)) return false;
    return (
      names.some((name) => reached.has(name)) ||
      (asAdministrator && administers(state, who, request, approval))
    );
  }).length;
}

/** Whether somebody may decide a request at this moment, and as what. */
export function decisionRightOf(
  state: State,
  who: string,
  request: Request,
): "named" | "administrator" | null {
  const { approval } = request;
  if (!waits(request) || !approval || request.asker === who) return null;
  const reached = reach(state, who);
  if (reached.has(request.who) || gaveOther(approval, who)) return null;
  const names = asked(state, approval);
  const given = approval.given[approval.stage] ?? [];
  const able = usersIn(state, names);
  for (const one of given)
    if (one.asAdministrator && administers(state, one.who, request, approval)) able.add(one.who);
  // An approver who approved it can approve again to continue it when it has its approvals.
  const complete = given.filter((one) => able.has(one.who)).length >= neededOf(approval);
  if (given.some((one) => one.who === who) && !complete) return null;
  if (names.some((name) => reached.has(name))) return "named";
  const others = [...able].filter((name) => name !== request.asker && !gaveOther(approval, name));
  const short = others.length < neededOf(approval);
  return short && administers(state, who, request, approval) ? "administrator" : null;
}

export const mayDecide = (state: State, who: string, request: Request) =>
  decisionRightOf(state, who, request) !== null;

export function decide(state: State, choice: Choice): Action | null {
  const pending = state.requests.filter((each) => waits(each) && each.approval);
  const ever = state.requests.filter(ofActivation);
  const request = choice.of(choice.once(6) || pending.length === 0 ? ever : pending);
  if (!request) return null;
  const users = Object.keys(state.principals).filter((name) => state.principals[name]?.type === "User");
  const able = users.filter((name) => mayDecide(state, name, request));
  const actor = choice.of(choice.once(4) || able.length === 0 ? users : able) ?? "olga";
  const decision = choice.once(4) ? ("Deny" as const) : ("Approve" as const);
  const reason = !choice.once(8);
  const like =
    (verdict: "Approve" | "Deny"): Operation =>
    (id) =>
      decideRequestsOperation(verdict, [id(request.id)]);
  return {
    words: `${actor} decides ${request.id} of ${request.asker}: ${decision}${reason ? "" : " without a reason"}`,
    actor,
    operation: like(decision),
    near: like(decision === "Approve" ? "Deny" : "Approve"),
    locks: [
      { table: "role_management_policies", name: request.role, at: request.at },
      ...(request.about ? [{ table: "eligibilities", name: request.about } as const] : []),
      { table: "requests", name: request.id },
    ],
    apply(after, proof) {
      const now = after.requests.find((each) => each.id === request.id);
      if (!now?.approval) return forbidden;
      const right = decisionRightOf(after, actor, now);
      if (right === null) return whyNot(after, actor, now);
      const proved = now.approval.approverMfa && spend(after, proof, actor, like(decision));
      const rules = [
        ...(reason ? [] : ["JustificationRule"]),
        ...(now.approval.approverMfa && !proved ? ["MfaRule"] : []),
      ];
      if (rules.length > 0) return failed(rules);
      const before = now.approval.given[now.approval.stage]?.some(({ who }) => who === actor);
      if (before && decision === "Deny") return forbidden;
      now.approval.deciders.push(actor);
      if (decision === "Deny") {
        now.status = "Denied";
        return { ok: true, status: "Denied" };
      }
      return approve(after, now, actor, right === "administrator");
    },
    call: async (world, caller, proofId) =>
      asOutcome(
        await (decision === "Approve" ? approveRequest : denyRequest)(world.database, caller, {
          requestId: world.id(request.id),
          justification: reason ? "Known outage" : null,
          proofId,
        }),
      ),
  };
}

/** Why somebody may not decide a request. To those who do not know of the request it does not exist. */
function whyNot(state: State, who: string, request: Request): Outcome {
  const reached = reach(state, who);
  if (request.asker === who || reached.has(request.who)) return refused("OwnRequest");
  const names = request.approval?.stages.flatMap((stage) => [...stage.approvers, ...stage.escalation]) ?? [];
  const knows = names.some((name) => reached.has(name)) || request.approval?.deciders.includes(who);
  return !knows || waits(request) ? forbidden : refused("RequestNotPending");
}

function approve(state: State, request: Request, by: string, asAdministrator: boolean): Outcome {
  const { approval } = request;
  if (!approval) return forbidden;
  const { stage } = approval;
  const given = approval.given[stage] ?? [];
  approval.given[stage] = given.some(({ who }) => who === by)
    ? given
    : [...given, { who: by, asAdministrator }];
  if (counting(state, request, approval) < neededOf(approval)) return { ok: true, status: "PendingApproval" };
  if (stage + 1 < approval.stages.length) {
    const { deciders, stages, approverMfa } = approval;
    request.approval = {
      ...openStage(state, stages, stage + 1, approverMfa, runsUntil(state, request)),
      deciders,
      given: approval.given,
    };
    return { ok: true, status: "PendingApproval" };
  }
  return grant(state, request);
}

/** At the last approval everything is judged again. */
function grant(state: State, request: Request): Outcome {
  if (request.extends !== null) return grantExtension(state, request);
  const basis = find(state, request.about);
  const from = Math.max(request.start ?? state.now, state.now);
  const until = lastsUntil(from, request.minutes, basis?.until ?? Number.POSITIVE_INFINITY);
  const { who, role, at } = request;
  const settings = activationSettings(state, role, basis?.at ?? at, at);
  const row = { kind: "Activated" as const, who, role, at, from, until };
  const stands =
    basis !== undefined &&
    inEffect(basis, state.now) &&
    reaches(state, who, basis.who) &&
    contains(state, basis.at, at);
  const rules = activationRules(settings, basis ?? row, { ...request, from });
  if (!stands || rules.length > 0 || alreadyThere(state, row) || conflicts(state, [row])) {
    request.status = "Failed";
    return { ok: true, status: "Failed" };
  }
  const last = inForce(settings).at(-1);
  if (settings.freshCode && settings.mfa && last && request.approval) {
    return awaitCode(state, request, last);
  }
  request.made = named(state, "a");
  request.start = from;
  request.status = from > state.now ? "ScheduleCreated" : "Provisioned";
  state.access.push({ ...row, id: request.made, basis: basis.id, removed: false });
  return { ok: true, status: request.status };
}

/**
 * The member enters a code first. There is as much time as in the last stage, a day at most, and no longer than
 * the activation that it extends.
 */
function awaitCode(state: State, request: Request, last: Stage): Outcome {
  request.status = "PendingProvisioning";
  const expires = state.now + Math.min(last.hours, 24) * 60 * minute;
  if (request.approval) request.approval.expires = Math.min(expires, runsUntil(state, request));
  return { ok: true, status: request.status };
}

/** At the last approval of an extension the end moves, if everything still applies. */
function grantExtension(state: State, request: Request): Outcome {
  const [row, basis] = [find(state, request.extends), find(state, request.about)];
  if (!row || !basis) return forbidden;
  const until = request.end ?? row.until;
  const settings = activationSettings(state, row.role, basis.at, row.at);
  const rules = extensionRules(state, settings, row, basis, { ...request, until });
  const added = { ...row, from: row.until, until };
  if (rules.length > 0 || conflicts(state, [added])) {
    request.status = "Failed";
    return { ok: true, status: "Failed" };
  }
  const last = inForce(settings).at(-1);
  if (settings.freshCode && settings.mfa && last) return awaitCode(state, request, last);
  row.until = until;
  request.status = "Provisioned";
  return { ok: true, status: request.status };
}
