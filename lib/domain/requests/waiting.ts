/** Up to this number things that wait for somebody are counted. */
export const countedAtMost = 99;

/** How much waits for somebody's decision: requests to activate, and to extend or renew; emergencies; exceptions. */
export interface WaitingForMe {
  /** Each is counted up to one more than `countedAtMost`. */
  readonly activations: number;
  readonly extensions: number;
  /** Emergency activations whose review they may close. */
  readonly emergencies: number;
  /** Exceptions from conflict rules. */
  readonly exceptions: number;
}

/** What waits for `userId` alone, as ids in the order of its lists, for lists of the first few. */
export interface FoundWaiting {
  readonly userId: string;
  readonly counts: WaitingForMe;
  readonly activations: readonly string[];
  /** Those of the activations that they may decide only as an administrator. */
  readonly asAdministrator: readonly string[];
  readonly extensions: readonly string[];
  readonly exceptions: readonly string[];
}
