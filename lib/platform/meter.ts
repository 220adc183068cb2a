/** A request once it is over. The labels contain no personal data: the route is the product's own pattern. */
export interface MeasuredRequest {
  readonly method: string | undefined;
  readonly route: string;
  readonly status: number;
}

/** What this process counts for `/metrics`. No argument may contain an id, an address or a name of a person. */
export interface Meter {
  /** A request began. The returned function must be called once the request is over. */
  requestBegan(): (request: MeasuredRequest) => void;
  /** The front door refused a request with this status, or closed a connection (null). */
  turnedAway(status: number | null): void;
  transactionRepeated(reason: string): void;
  eventRecorded(event: RecordedEvent): void;
  operationRefused(code: string): void;
  jobEnded(job: string, seconds: number, outcome: "succeeded" | "failed"): void;
  mailTried(outcome: string): void;
}

/** An event of the log, as it is counted. */
export interface RecordedEvent {
  readonly kind: string;
  readonly outcome: string;
}

// One for each process, across the bundles of a process.
const held = globalThis as typeof globalThis & { posternMeter?: Meter };

/** This process's meter; undefined if metrics are off. */
export function meter(): Meter | undefined {
  return held.posternMeter;
}

/** Makes this process count from now on. */
export function holdMeter(opened: Meter): void {
  held.posternMeter = opened;
}

const recorded = new WeakMap<object, RecordedEvent[]>();

/** Remembers events, which are counted once their transaction is committed. */
export function noteEvents(transaction: object, events: readonly RecordedEvent[]): void {
  if (!meter()) return;
  recorded.set(transaction, [...(recorded.get(transaction) ?? []), ...events]);
}

/** Counts the events of a transaction that is committed. */
export function countEvents(transaction: object): void {
  for (const event of recorded.get(transaction) ?? []) meter()?.eventRecorded(event);
  recorded.delete(transaction);
}
