import { isOfActivation, type RequestSubject } from "@/lib/domain/requests/request-subject";

/** The status of a request (docs/glossary.md). */
export const requestStatuses = [
  "PendingApproval",
  "PendingProvisioning",
  "ScheduleCreated",
  "Provisioned",
  "Denied",
  "Canceled",
  "TimedOut",
  "Revoked",
  "Failed",
] as const;
export type RequestStatus = (typeof requestStatuses)[number];

/** What can happen to a request. */
export const requestEvents = {
  AskForApproval: "it waits for approvers",
  Accept: "nobody needs to approve it",
  ApproveStage: "a stage is approved, or the open stage needs one more approval",
  Approve: "the last approval is given",
  BreakGlass: "the member approves it in an emergency, where the role settings allow that",
  Deny: "an approver denies it",
  Cancel: "the requestor or an administrator cancels it",
  TimeOut: "nobody decided in time, or the member did not enter a code in time",
  Orphan: "the access behind it is gone: removed, ended, or out of the member's reach",
  Provision: "the access is granted from now",
  Schedule: "the access is granted from a later start",
  Withdraw: "access is removed, as the request asked",
  Fail: "the rules in force no longer allow it",
  Begin: "the start is reached",
} as const;
export type RequestEvent = keyof typeof requestEvents;

/** The state of a request, including the one before its first event. */
export type RequestState = RequestStatus | "New";

/**
 * Every allowed transition. A request stays `PendingProvisioning` only if it is approved and the role
 * settings require a new code. Otherwise it passes through that status within one transaction: approval
 * and access are written together.
 */
const transitions: Readonly<Record<RequestState, Partial<Record<RequestEvent, RequestStatus>>>> = {
  New: { AskForApproval: "PendingApproval", Accept: "PendingProvisioning" },
  PendingApproval: {
    ApproveStage: "PendingApproval",
    Approve: "PendingProvisioning",
    BreakGlass: "PendingProvisioning",
    Deny: "Denied",
    Cancel: "Canceled",
    TimeOut: "TimedOut",
    Orphan: "Revoked",
    Fail: "Failed",
  },
  PendingProvisioning: {
    Provision: "Provisioned",
    Schedule: "ScheduleCreated",
    Withdraw: "Revoked",
    Cancel: "Canceled",
    TimeOut: "TimedOut",
    Orphan: "Revoked",
    Fail: "Failed",
  },
  ScheduleCreated: { Begin: "Provisioned", Cancel: "Canceled" },
  Provisioned: {},
  Denied: {},
  Canceled: {},
  TimedOut: {},
  Revoked: {},
  Failed: {},
};

/** The status after an event; null if the event cannot happen in this state. */
export function nextStatus(state: RequestState, event: RequestEvent): RequestStatus | null {
  return transitions[state][event] ?? null;
}

/** The status after several events in a row. Throws if one cannot happen, since that is a fault of the program. */
export function statusAfter(
  state: RequestState,
  ...[first, ...rest]: readonly [RequestEvent, ...RequestEvent[]]
): RequestStatus {
  let status = nextStatus(state, first);
  let at = `${state} ${first}`;
  for (const event of rest) {
    if (status === null) break;
    at = `${status} ${event}`;
    status = nextStatus(status, event);
  }
  if (status === null) throw new Error(`a request cannot go on from ${at}`);
  return status;
}

/** Whether nothing more can happen to a request. */
export function isFinal(status: RequestStatus): boolean {
  return Object.keys(transitions[status]).length === 0;
}

/** The statuses of a waiting request: for its approvers, or for its member's code. */
export const waitingStatuses = ["PendingApproval", "PendingProvisioning"] as const;
export type WaitingStatus = (typeof waitingStatuses)[number];

/** Whether a status is that of a waiting request. */
export function isWaiting(status: RequestStatus): status is WaitingStatus {
  return status === "PendingApproval" || status === "PendingProvisioning";
}

/**
 * What happens to a waiting request whose basis is gone. A request about an activation is revoked. A
 * request for more time of an eligibility or direct assignment is canceled.
 */
export function eventWhenOrphaned(request: RequestSubject): Extract<RequestEvent, "Orphan" | "Cancel"> {
  return isOfActivation(request) ? "Orphan" : "Cancel";
}

/**
 * The status at a moment (docs/rules.md, rule 5). A start that is reached, a time-out that has passed and the loss of
 * what the request is based on count at once, whether or not they have been recorded. If both end a wait, the earlier
 * one counts. `expiresAt` is when nobody may decide any longer, or the member may no longer enter a code; null for a
 * request that does not wait. `orphanedAt` is when it lost what it is based on; null if it did not.
 */
export function statusAt(
  request: RequestSubject & {
    readonly status: RequestStatus;
    readonly startsAt: Date | null;
    readonly expiresAt: Date | null;
    readonly orphanedAt: Date | null;
  },
  now: Date,
): RequestStatus {
  switch (request.status) {
    case "PendingApproval":
    case "PendingProvisioning":
      if (request.expiresAt !== null && request.expiresAt <= (request.orphanedAt ?? now))
        return statusAfter(request.status, "TimeOut");
      return request.orphanedAt === null
        ? request.status
        : statusAfter(request.status, eventWhenOrphaned(request));
    case "ScheduleCreated":
      return request.startsAt !== null && request.startsAt <= now
        ? statusAfter(request.status, "Begin")
        : request.status;
    default:
      return request.status;
  }
}

/** The state machine as a page with a Mermaid diagram. docs/request-states.md is exactly this text. */
export function requestStatesDocument(): string {
  const states: RequestState[] = ["New", ...requestStatuses];
  const node = (state: RequestState) => (state === "New" ? "[*]" : state);
  const arrows = states.flatMap((from) =>
    Object.entries(transitions[from]).map(([event, to]) => `  ${node(from)} --> ${to}: ${event}`),
  );
  const ends = requestStatuses.filter(isFinal).map((status) => `  ${status} --> [*]`);
  const events = Object.entries(requestEvents).map(([event, meaning]) => `- **${event}**: ${meaning}`);
  return `# The states of a request

Generated from \`lib/domain/requests/request-state.ts\` by \`npm run diagrams\`; a test compares the two. A start that is
reached, a time-out that has passed and the loss of the access behind a request count at once for every reader, before any job
writes them down.

\`\`\`mermaid
stateDiagram-v2
${[...arrows, ...ends].join("\n")}
\`\`\`

What happens at each step:

${events.join("\n")}
`;
}
