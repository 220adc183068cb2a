/** Counts of what waits for somebody stop here. */
export const countedAtMost = 99;

/** How much waits for somebody's decision: requests to activate, and to extend or renew; emergencies; exceptions. */
export interface WaitingForMe {
  /** Each is counted up to `countedAtMost` and one more. */
  readonly activations: number;
  readonly extensions: number;
  /** Emergency activations whose review they may close. */
  readonly emergencies: number;
  /** Exceptions from conflict rules. */
  readonly exceptions: number;
}

/** What waits for `userId` itself, by ids in the order of its lists, for those that show the first few. */
export interface FoundWaiting {
  readonly userId: string;
  readonly counts: WaitingForMe;
  readonly activations: readonly string[];
  /** Those of the activations that they may decide as an administrator only. */
  readonly asAdministrator: readonly string[];
  readonly extensions: readonly string[];
  readonly exceptions: readonly string[];
}
