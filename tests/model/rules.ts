// The rules of docs/rules.md that several commands share, over the model's state.
import {
  type Access,
  day,
  type Kind,
  minute,
  type Permission,
  type Request,
  type Settings,
  type State,
  settingsKey,
} from "./state";

/** "Times and durations": the longest that a maximum of the settings, or a year, allows. */
export function longest(period: number): number {
  const days = new Map([
    [30, 31],
    [90, 92],
    [180, 184],
    [365, 366],
  ]);
  return (days.get(period) ?? period) * day + 120 * minute;
}

/** Section 0: itself and every group it is in, while it and each group on the way is enabled. */
export function reach(state: State, who: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    if (found.has(name) || !state.principals[name]?.enabled) return;
    found.add(name);
    for (const { group, member } of state.members) if (member === name) visit(group);
  };
  visit(who);
  return found;
}

export const reaches = (state: State, who: string, whom: string) => reach(state, who).has(whom);

/** A principal and every group above it, enabled or not. */
export function above(state: State, who: string): Set<string> {
  const found = new Set([who]);
  for (const each of found)
    for (const { group, member } of state.members) if (member === each) found.add(group);
  return found;
}

/** A principal and everybody below it, enabled or not. */
export function below(state: State, who: string): Set<string> {
  const found = new Set([who]);
  for (const each of found)
    for (const { group, member } of state.members) if (group === each) found.add(member);
  return found;
}

/** The users behind names, who are able: enabled, through enabled groups. */
export function usersIn(state: State, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    const one = state.principals[name];
    if (!one?.enabled) return;
    if (one.type === "User") found.add(name);
    else for (const { group, member } of state.members) if (group === name) visit(member);
  };
  for (const name of names) visit(name);
  return found;
}

/** From a resource up to the root. */
export function levels(state: State, at: string): string[] {
  const parent = state.resources[at];
  return parent ? [at, ...levels(state, parent)] : [at];
}

export const contains = (state: State, outer: string, inner: string) => levels(state, inner).includes(outer);

export const inEffect = (access: Access, now: number) => access.from <= now && now < access.until;

/** Whether two times share a moment. */
export const overlap = (left: { from: number; until: number }, right: { from: number; until: number }) =>
  Math.max(left.from, right.from) < Math.min(left.until, right.until);

export const find = (state: State, id: string | null) => state.access.find((each) => each.id === id);

/** Whether somebody who reaches the principal of an access holds it now. */
export function holds(state: State, holder: ReadonlySet<string>, access: Access): boolean {
  if (access.kind === "Eligible" || !holder.has(access.who) || !inEffect(access, state.now)) return false;
  if (access.kind === "Assigned") return true;
  const basis = find(state, access.basis);
  return basis !== undefined && inEffect(basis, state.now) && holder.has(basis.who);
}

/** Whether somebody has a permission at a resource, by their active access (section 0). */
export function may(state: State, who: string, permission: Permission, at: string): boolean {
  const reached = reach(state, who);
  const upwards = levels(state, at);
  return state.access.some(
    (each) =>
      upwards.includes(each.at) &&
      state.roles[each.role]?.permissions.includes(permission) &&
      holds(state, reached, each),
  );
}

/** Whether somebody may know of a resource: they hold or may activate a role there, above it or below it. */
export function knowsOf(state: State, who: string, at: string): boolean {
  const reached = reach(state, who);
  return state.access.some(
    (each) =>
      (contains(state, each.at, at) || contains(state, at, each.at)) &&
      (each.kind === "Eligible"
        ? reached.has(each.who) && inEffect(each, state.now)
        : holds(state, reached, each)),
  );
}

export const permissionFor = (kind: Kind): Permission => (kind === "Eligible" ? "makeEligible" : "assign");

/** Whether the principal has the same for any part of a time, not counting one of the rows. */
export function alreadyThere(
  state: State,
  row: Pick<Access, "kind" | "who" | "role" | "at" | "from" | "until">,
  but: (other: Access) => boolean = () => false,
): boolean {
  const eligible = row.kind === "Eligible";
  return state.access.some(
    (other) =>
      (other.kind === "Eligible") === eligible &&
      other.who === row.who &&
      other.role === row.role &&
      other.at === row.at &&
      !but(other) &&
      overlap(other, row),
  );
}

export const defaults: Settings = {
  maximumMinutes: 480,
  mfa: true,
  reason: true,
  ticket: false,
  approval: false,
  stages: [],
  approverMfa: false,
  freshCode: false,
  glass: null,
  eligibleDays: 365,
  activeDays: 180,
  assignMfa: false,
  assignReason: true,
};

/** The settings that nobody edited: roles that can write authorisation start with MFA on direct assignment. */
export function settingsAt(state: State, role: string, at: string): Settings {
  const writes = (state.roles[role]?.permissions.length ?? 0) > 0;
  return state.settings[settingsKey(role, at)] ?? { ...defaults, assignMfa: writes };
}

const lesser = (left: number | null, right: number | null) =>
  left === null ? right : right === null ? left : Math.min(left, right);
export const inForce = (settings: Settings) => (settings.approval ? settings.stages : []);
export const same = (left: unknown, right: unknown) => JSON.stringify(left) === JSON.stringify(right);

/** Every level that requires approval must allow it, and the shortest counts. */
function shorterEmergency(left: Settings, right: Settings): number | null {
  const counting = left.approval === right.approval ? [left, right] : left.approval ? [left] : [right];
  return counting.some(({ glass }) => glass === null)
    ? null
    : Math.min(...counting.map(({ glass }) => glass ?? 0));
}

export function stricter(left: Settings, right: Settings): Settings {
  const stages = [...inForce(left)];
  for (const stage of inForce(right)) if (!stages.some((each) => same(each, stage))) stages.push(stage);
  return {
    maximumMinutes: Math.min(left.maximumMinutes, right.maximumMinutes),
    mfa: left.mfa || right.mfa,
    reason: left.reason || right.reason,
    ticket: left.ticket || right.ticket,
    approval: left.approval || right.approval,
    stages,
    approverMfa: (left.approval && left.approverMfa) || (right.approval && right.approverMfa),
    freshCode: left.freshCode || right.freshCode,
    glass: shorterEmergency(left, right),
    eligibleDays: lesser(left.eligibleDays, right.eligibleDays),
    activeDays: lesser(left.activeDays, right.activeDays),
    assignMfa: left.assignMfa || right.assignMfa,
    assignReason: left.assignReason || right.assignReason,
  };
}

/** Section 4: the levels whose settings count for an activation, from the widest. */
export function judgingLevels(state: State, eligibleAt: string, at: string): string[] {
  const upwards = levels(state, at);
  const from = upwards.indexOf(eligibleAt);
  return from < 0 ? [eligibleAt, at] : upwards.slice(0, from + 1).reverse();
}

/** Section 4: the settings that an activation is judged by. */
export function activationSettings(state: State, role: string, eligibleAt: string, at: string): Settings {
  return judgingLevels(state, eligibleAt, at)
    .map((each) => settingsAt(state, role, each))
    .reduce((left, right) => stricter(left, right));
}

/** Section 4: the settings that an assignment is judged by: those of its own level, and all edited ones above. */
export function assignmentSettings(state: State, role: string, at: string): Settings {
  return levels(state, at)
    .filter((level) => level === at || state.settings[settingsKey(role, level)] !== undefined)
    .map((level) => settingsAt(state, role, level))
    .reduce((left, right) => stricter(left, right));
}

export function assignmentRules(
  settings: Settings,
  asked: { kind: Kind; from: number; until: number; reason: boolean; takesProof: boolean; proved: boolean },
): string[] {
  const eligible = asked.kind === "Eligible";
  const days = eligible ? settings.eligibleDays : settings.activeDays;
  return [
    ...(days !== null && asked.until > asked.from + longest(days) ? ["ExpirationRule"] : []),
    ...(!eligible && settings.assignReason && !asked.reason ? ["JustificationRule"] : []),
    ...(asked.takesProof && !asked.proved ? ["MfaRule"] : []),
  ];
}

/** Faults of times that do not depend on the settings. */
export const badTimes = (state: State, from: number, until: number) =>
  from > state.now + longest(365) || until <= from || until <= state.now;

/** Whether a request is about an activation: to begin one, or to extend one. */
export const ofActivation = (request: Request) => request.type === "SelfActivate" || request.extends !== null;
/** The end of the activation that a request extends; never for other requests. */
export const runsUntil = (state: State, request: Request) =>
  find(state, request.extends)?.until ?? Number.POSITIVE_INFINITY;

export const waits = (request: Request) => request.status === "PendingApproval";
/** Approved, and waiting for its member's code. */
export const waitsForCode = (request: Request) => request.status === "PendingProvisioning";
export const waitsAtAll = (request: Request) => waits(request) || waitsForCode(request);
