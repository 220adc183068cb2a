// What follows from a change or from time alone (docs/rules.md, sections 5 and 8).
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

/** Whether what a waiting request rests on is gone at this moment. */
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

/** Settles what this very moment settles: what came first stays, since every moment is settled in its turn. */
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

/** Lets time pass to a moment, settling each one on the way in its turn. */
export function passTo(state: State, now: number): void {
  for (const moment of moments(state)) {
    if (moment > now) break;
    state.now = moment;
    settleNow(state);
  }
  state.now = now;
  settleNow(state);
}

/** Ends activations on the strength of an eligibility at its new end; what would begin then never does. */
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

/** Ends every activation of somebody, and of everybody below, that rests on what they do not reach any more. */
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

/** What waits for more time for an access ends with an administrator's own change of it. */
export function cancelExtensionRequests(state: State, accessId: string): void {
  for (const request of state.requests)
    if (waits(request) && !ofActivation(request) && request.about === accessId) request.status = "Canceled";
}

export const settle = settleNow;
