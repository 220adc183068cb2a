// The state of the model: names instead of ids, milliseconds instead of dates. Written from docs/rules.md.

export type Kind = "Eligible" | "Assigned" | "Activated";
export const minute = 60_000;
export const day = 24 * 60 * minute;
export const always = Number.POSITIVE_INFINITY;

export interface Principal {
  type: "User" | "Group";
  enabled: boolean;
  /** Increases whenever all sessions end: a proof of an earlier session is invalid. */
  session: number;
}

export interface Access {
  id: string;
  kind: Kind;
  who: string;
  role: string;
  at: string;
  from: number;
  /** `always` is permanent. */
  until: number;
  /** The eligibility that an activation depends on. */
  basis: string | null;
  removed: boolean;
  /** When it was made; undefined if it existed at the beginning. */
  born?: number;
}

export interface Stage {
  approvers: string[];
  escalation: string[];
  needed: number;
  hours: number;
}

export interface Settings {
  maximumMinutes: number;
  mfa: boolean;
  reason: boolean;
  ticket: boolean;
  approval: boolean;
  stages: Stage[];
  approverMfa: boolean;
  /** Whether the member enters a new code after approval. */
  freshCode: boolean;
  /** How long an activation may last that its member approves in an emergency; null if nobody may. */
  glass: number | null;
  eligibleDays: number | null;
  activeDays: number | null;
  assignMfa: boolean;
  assignReason: boolean;
}

export type Status =
  | "PendingApproval"
  | "PendingProvisioning"
  | "ScheduleCreated"
  | "Provisioned"
  | "Denied"
  | "Canceled"
  | "TimedOut"
  | "Revoked"
  | "Failed";

export interface Request {
  id: string;
  type: string;
  status: Status;
  asker: string;
  who: string;
  role: string;
  at: string;
  /** The access that it is about, and the access that it made if that is another. */
  about: string | null;
  made: string | null;
  /** The running activation that it extends; null for any other request. */
  extends: string | null;
  start: number | null;
  end: number | null;
  minutes: number;
  reason: boolean;
  ticket: boolean;
  proved: boolean;
  created: number;
  approval: Approval | null;
  /** Its member approved it in an emergency: whether the review is closed. */
  emergency?: { closed: boolean; at: number };
}

export interface Approval {
  stages: Stage[];
  stage: number;
  approverMfa: boolean;
  /** Who approved each stage, and whether as an administrator. */
  given: { who: string; asAdministrator: boolean }[][];
  /** `always` where it does not escalate. */
  escalates: number;
  expires: number;
  /** The people who decided on it, in any stage. */
  deciders: string[];
}

/** Lets somebody hold together what a conflict rule forbids. */
export interface Exception {
  id: string;
  rule: string;
  who: string;
  asker: string;
  decider: string | null;
  decided: number;
  until: number;
  /** As it is stored: a row that has reached its end reads as expired. */
  state: "Waiting" | "Approved" | "Denied" | "Withdrawn" | "Revoked";
}

export interface Proof {
  id: string;
  who: string;
  session: number;
  operation: string;
  expires: number;
  spent: boolean;
}

export interface State {
  now: number;
  made: number;
  /** Each resource's parent. */
  resources: Record<string, string | null>;
  roles: Record<string, { permissions: Permission[] }>;
  principals: Record<string, Principal>;
  members: { group: string; member: string; since: number }[];
  access: Access[];
  requests: Request[];
  /** By role and resource; settings that nobody edited are not here. */
  settings: Record<string, Settings & { version: number }>;
  /** Roles that nobody may hold together, and where. */
  conflicts: { id: string; at: string; first: string; second: string }[];
  exceptions: Exception[];
  proofs: Proof[];
  /** Who gave whom access, a membership or more time. */
  grants: { by: string; to: string; at: number }[];
  /** Changes that can decide who decides on requests: edits of settings, and changes of principals. */
  deeds: { by: string; at: number; role?: string; resource?: string; principal?: string; takes?: boolean }[];
}

export type Permission = "assign" | "makeEligible" | "editSettings" | "managePeople";

/** The result of a command. */
export type Outcome =
  | { readonly ok: true; readonly status?: string }
  | { readonly ok: false; readonly code: string; readonly rules?: readonly string[] };

export const done: Outcome = { ok: true };
export const refused = (code: string): Outcome => ({ ok: false, code });
export const failed = (rules: readonly string[]): Outcome => ({
  ok: false,
  code: "RoleAssignmentRequestPolicyValidationFailed",
  rules: [...new Set(rules)].sort(),
});

export function named(state: State, prefix: string): string {
  state.made += 1;
  return `${prefix}${state.made}`;
}

/** Records a request that is settled as it is made. */
export function record(
  state: State,
  request: Pick<Request, "type" | "status" | "asker" | "who" | "role" | "at"> & Partial<Request>,
): Request {
  const whole: Request = {
    id: named(state, "q"),
    about: null,
    made: null,
    extends: null,
    start: null,
    end: null,
    minutes: 0,
    reason: false,
    ticket: false,
    proved: false,
    created: state.now,
    approval: null,
    ...request,
  };
  state.requests.push(whole);
  return whole;
}

export const settingsKey = (role: string, at: string) => `${role} ${at}`;
