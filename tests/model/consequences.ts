// The consequences of a change or of time alone (docs/rules.md, sections 5 and 8).
import {
  below,
  contains,
  find,
  inEffect,
  ofActivation,
  reach,
  reaches,
  runsUntil,
  waits,
  waitsAtAll,
} from "./rules";
import { type Access, always, day, type Request, type State } from "./state";

/** Whether the access that a waiting request depends on is gone at this moment. */
function lost(state: State, request: Request): boolean {
  if (!reaches(state, request.asker, request.who)) return true;
  if (!ofActivation(request)) return false;
  if (runsUntil(state, request) <= state.now) return true;
  const basis = find(state, request.about);
  return !(
    basis !== undefined &&
    inEffect(basis, state.now) &&
    reaches(state, request.who, basis.who) &&
    contains(state, basis.at, request.at)
  );
}

/** Settles what is due at this moment. The first outcome stays, since every moment is settled in order. */
function settleNow(state: State): void {
  for (const request of state.requests) {
    if (waitsAtAll(request)) {
      if (request.approval && request.approval.expires <= state.now) request.status = "TimedOut";
      else if (lost(state, request)) request.status = ofActivation(request) ? "Revoked" : "Canceled";
    } else if (request.status === "ScheduleCreated" && request.start !== null && request.start <= state.now)
      request.status = "Provisioned";
  }
}

/** Every moment after now at which something begins, ends or is due. */
export function moments(state: State): number[] {
  const all = [
    ...state.access.flatMap(({ from, until, kind }) => [
      from,
      until,
      // A member's windows to ask for more time.
      ...(kind === "Activated" || until === always ? [] : [until - 14 * day, until + 30 * day]),
    ]),
    ...state.requests.flatMap((each) =>
      each.approval ? [each.approval.expires, each.approval.escalates] : [],
    ),
    ...state.requests.flatMap(({ start }) => start ?? []),
    ...state.exceptions.map(({ until }) => until),
    ...state.proofs.flatMap((each) => (each.spent ? [] : [each.expires])),
  ];
  return [...new Set(all)].filter((at) => at > state.now && at < always).sort((a, b) => a - b);
}

/** Lets time pass to a moment, settling each moment on the way in order. */
export function passTo(state: State, now: number): void {
  for (const moment of moments(state)) {
    if (moment > now) break;
    state.now = moment;
    settleNow(state);
  }
  state.now = now;
  settleNow(state);
}

/** Ends activations that depend on an eligibility at its new end; those that would begin later never do. */
export function cutActivations(state: State, basis: string, end: number): void {
  for (const each of state.access) {
    if (each.basis !== basis || each.until <= end) continue;
    cut(state, each, end);
  }
}

function cut(state: State, activation: Access, end: number): void {
  if (activation.from > state.now && activation.from >= end) cancelScheduled(state, activation.id);
  activation.until = Math.max(activation.from, end);
  activation.removed = true;
}

/** Ends every activation of somebody, and of everybody below, that depends on something they no longer reach. */
export function endUnreached(state: State, who: string): void {
  const concerned = below(state, who);
  for (const each of state.access) {
    if (each.kind !== "Activated" || each.until <= state.now || !concerned.has(each.who)) continue;
    const basis = find(state, each.basis);
    if (basis && reach(state, each.who).has(basis.who)) continue;
    cut(state, each, state.now);
  }
}

/** Cancels the requests of access that was to begin later and never will. */
export function cancelScheduled(state: State, accessId: string): void {
  for (const request of state.requests)
    if (request.status === "ScheduleCreated" && (request.made ?? request.about) === accessId)
      request.status = "Canceled";
}

/** Requests for more time end when an administrator changes the access. */
export function cancelExtensionRequests(state: State, accessId: string): void {
  for (const request of state.requests)
    if (waits(request) && !ofActivation(request) && request.about === accessId) request.status = "Canceled";
}

export const settle = settleNow;
