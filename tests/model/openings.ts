// The first steps of some sequences, which bring about a special state: an emergency, an extension, an
// exception.
import type { Command } from "./action";
import { capOf } from "./break-glass";
import { activationSettings, find, inEffect, waits } from "./rules";
import { always, day, type Request, type State } from "./state";

const openings = ["Plain", "Exception", "Emergency", "Emergency", "Accomplice", "Extension"] as const;
export type Opening = (typeof openings)[number];

/** The beginning of the sequence of a seed. */
export const openingOf = (seed: number): Opening => openings[Math.abs(seed) % openings.length] ?? "Plain";

/** A first step: its choices are made again until the rules allow it and it has this result. */
export interface First {
  readonly kind: Command["kind"];
  readonly comesTo?: (after: State, before: State) => boolean;
  /** For steps that the rules refuse: the people who try. */
  readonly by?: (state: State, who: string) => boolean;
  /** For steps that the rules refuse: the state in which they would be allowed. */
  readonly were?: (state: State) => State;
  /** It is tried without the proof that it requires, so it has no effect. */
  readonly unproved?: true;
}

/** Whether its member may approve a waiting request in an emergency now. */
function mayBreakGlass(state: State, request: Request): boolean {
  const eligible = find(state, request.about);
  return (
    request.type === "SelfActivate" &&
    waits(request) &&
    (request.start ?? 0) <= state.now &&
    eligible !== undefined &&
    eligible.until > state.now + day / 12 &&
    capOf(activationSettings(state, request.role, eligible.at, request.at)) !== null
  );
}

const ready = (state: State) => state.requests.filter((each) => mayBreakGlass(state, each)).length;
const emergencies = (state: State) => state.requests.filter(({ emergency }) => emergency).length;
const running = (state: State) =>
  state.access.filter((each) => each.kind === "Activated" && inEffect(each, state.now)).length;
const extending = (state: State) => state.requests.filter((each) => waits(each) && each.extends).length;

const asks: First = { kind: "activate", comesTo: (after, before) => ready(after) > ready(before) };
const uses: First = {
  kind: "useGlass",
  comesTo: (after, before) => emergencies(after) > emergencies(before),
};
const approves: First = {
  kind: "decide",
  comesTo: (after) =>
    after.requests.some(({ status }) => ["Provisioned", "PendingProvisioning"].includes(status)),
};

const asksForOwner: First = {
  kind: "activate",
  comesTo: (after) =>
    after.requests.some((each) => each.role === "Owner" && each.at === "root" && mayBreakGlass(after, each)),
};

/** People who became approvers since somebody became an Owner in an emergency. */
const lateApprovers = (state: State) =>
  state.members.filter(
    ({ group, member, since }) =>
      group === "approvers" &&
      member !== "eve" &&
      state.principals[member]?.type === "User" &&
      state.grants.some(({ by, to, at }) => by === "eve" && to === member && at === since),
  );

const waitingExceptions = (state: State) =>
  state.exceptions.filter((each) => each.state === "Waiting").length;
/** People who hold something and are in a group with an exception. */
const partners = (state: State) =>
  state.members.filter(
    ({ group, member }) =>
      state.exceptions.some((each) => each.who === group && each.state === "Approved") &&
      state.access.some((each) => each.kind !== "Eligible" && each.who === member),
  ).length;

/** The state, if others had asked for the exceptions. */
const askedByOthers = (state: State): State => ({
  ...state,
  exceptions: state.exceptions.map((each) => ({ ...each, asker: each.asker === "olga" ? "una" : "olga" })),
});

/** The state, if exceptions allowed access that outlasts them. */
const outlasting = (state: State): State => ({
  ...state,
  exceptions: state.exceptions.map((each) =>
    each.state === "Approved" && each.until > state.now ? { ...each, until: always } : each,
  ),
});

/** The state, if all members of groups had been there before. */
const joinedBefore = (state: State): State => ({
  ...state,
  members: state.members.map((each) => ({ ...each, since: 0 })),
});

/** Requests on the strength of an eligibility that has an end. */
const endingSoon = (state: State) =>
  state.requests.filter(({ about }) => (find(state, about)?.until ?? always) < always);

/** The state, if no eligibility ended. */
const eligibleForEver = (state: State): State => ({
  ...state,
  access: state.access.map((each) => (each.kind === "Eligible" ? { ...each, until: always } : each)),
});

export const firstOf: Readonly<Record<Opening, readonly First[]>> = {
  Plain: [],
  // Tries access that outlasts an exception, its approval by the person who asked, and access that people who
  // joined its group may not hold.
  Exception: [
    { kind: "assign", were: outlasting },
    { kind: "join", comesTo: (after, before) => partners(after) > partners(before) },
    { kind: "assign", were: joinedBefore },
    { kind: "exception", comesTo: (after, before) => waitingExceptions(after) > waitingExceptions(before) },
    { kind: "exception", were: askedByOthers },
  ],
  // One review is open, and another request waits that its member may approve.
  Emergency: [asks, { ...uses, unproved: true }, uses, asks],
  // Somebody becomes an Owner in an emergency and makes another person an approver of it, who tries to close
  // the review.
  Accomplice: [
    asksForOwner,
    uses,
    { kind: "join", comesTo: (after) => lateApprovers(after).length > 0 },
    { kind: "closeGlass", by: (state, who) => lateApprovers(state).some(({ member }) => member === who) },
  ],
  // The running activation was approved, so its extension must be approved too. Before that, an extension past
  // the end of its eligibility is tried.
  Extension: [
    {
      kind: "activate",
      comesTo: (after, before) => endingSoon(after).some(waits) && !before.requests.some(waits),
    },
    approves,
    { kind: "provision", comesTo: (after, before) => running(after) > running(before) },
    { kind: "extendRunning", were: eligibleForEver },
    { kind: "extendRunning", comesTo: (after, before) => extending(after) > extending(before) },
  ],
};
