/** What a request is at (docs/glossary.md). */
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
  ApproveStage: "a stage is approved, or an approval more is needed of whoever may decide it still",
  Approve: "the last approval is given",
  Deny: "an approver denies it",
  Cancel: "the requestor or an administrator cancels it",
  TimeOut: "nobody decided in time, or the member entered no code in time",
  Strand: "the access that it rests on is gone: taken away, ended, or out of the member's reach",
  Provision: "the access is given from now",
  Schedule: "the access is given from a later start",
  Withdraw: "access is taken away, as the request asked",
  Fail: "the rules in force no longer allow it",
  Begin: "the start is reached",
} as const;
export type RequestEvent = keyof typeof requestEvents;

/** Where a request is before its first event. */
export type RequestState = RequestStatus | "New";

/**
 * Every legal step of a request's life; whatever is not here cannot happen. A request stays `PendingProvisioning` only
 * where it is approved and the role settings ask for a new code of its member. Else it passes through within one
 * transaction: approval and access are written together.
 */
const transitions: Readonly<Record<RequestState, Partial<Record<RequestEvent, RequestStatus>>>> = {
  New: { AskForApproval: "PendingApproval", Accept: "PendingProvisioning" },
  PendingApproval: {
    ApproveStage: "PendingApproval",
    Approve: "PendingProvisioning",
    Deny: "Denied",
    Cancel: "Canceled",
    TimeOut: "TimedOut",
    Strand: "Revoked",
    Fail: "Failed",
  },
  PendingProvisioning: {
    Provision: "Provisioned",
    Schedule: "ScheduleCreated",
    Withdraw: "Revoked",
    Cancel: "Canceled",
    TimeOut: "TimedOut",
    Strand: "Revoked",
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

/** The status after an event; null when that cannot happen to a request in this state. */
export function nextStatus(state: RequestState, event: RequestEvent): RequestStatus | null {
  return transitions[state][event] ?? null;
}

/** The status after several events in a row. Throws where one cannot happen: that is a fault of the program. */
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

/** The statuses of a request that waits for somebody: its approvers, or its member's code after approval. */
export const waitingStatuses = ["PendingApproval", "PendingProvisioning"] as const;
export type WaitingStatus = (typeof waitingStatuses)[number];

/** Whether a stored or read status is that of a request that waits for somebody. */
export function isWaiting(status: RequestStatus): status is WaitingStatus {
  return status === "PendingApproval" || status === "PendingProvisioning";
}

/**
 * What becomes of a waiting request that lost what it rests on: the right that an activation asked to use is taken back;
 * a wish for more time has nothing left to be about.
 */
export function whatStrandingDoes(requestType: string): Extract<RequestEvent, "Strand" | "Cancel"> {
  return requestType === "SelfActivate" ? "Strand" : "Cancel";
}

/**
 * What a stored status means at a moment (docs/rules.md, rule 5): a start that is reached and a time-out that has
 * passed count at once, whether or not anybody has written them down, and so does the loss of what it rests on. Of the
 * two that end a wait, the one that came first stays. `expiresAt` is when nobody may decide any more, or the member enter
 * a code, null for what waits for no one; `strandedAt` is when it lost what it rests on, null while it has it.
 */
export function statusAt(
  request: {
    readonly requestType: string;
    readonly status: RequestStatus;
    readonly startsAt: Date | null;
    readonly expiresAt: Date | null;
    readonly strandedAt: Date | null;
  },
  now: Date,
): RequestStatus {
  switch (request.status) {
    case "PendingApproval":
    case "PendingProvisioning":
      if (request.expiresAt !== null && request.expiresAt <= (request.strandedAt ?? now))
        return statusAfter(request.status, "TimeOut");
      return request.strandedAt === null
        ? request.status
        : statusAfter(request.status, whatStrandingDoes(request.requestType));
    case "ScheduleCreated":
      return request.startsAt !== null && request.startsAt <= now
        ? statusAfter(request.status, "Begin")
        : request.status;
    default:
      return request.status;
  }
}

/** The state machine as a page of documentation with a Mermaid diagram; docs/request-states.md is exactly this. */
export function requestStatesDocument(): string {
  const states: RequestState[] = ["New", ...requestStatuses];
  const node = (state: RequestState) => (state === "New" ? "[*]" : state);
  const arrows = states.flatMap((from) =>
    Object.entries(transitions[from]).map(([event, to]) => `  ${node(from)} --> ${to}: ${event}`),
  );
  const ends = requestStatuses.filter(isFinal).map((status) => `  ${status} --> [*]`);
  const events = Object.entries(requestEvents).map(([event, meaning]) => `- **${event}**: ${meaning}`);
  return `# The states of a request

Generated from \`lib/domain/requests/request-state.ts\` by \`npm run diagrams\`; a test holds the two together. A start that is
reached, a time-out that has passed and the loss of what a request rests on count at once for whoever reads, before any
job writes them down.

\`\`\`mermaid
stateDiagram-v2
${[...arrows, ...ends].join("\n")}
\`\`\`

What happens at each step:

${events.join("\n")}
`;
}
