/** Where a scheduled import reads from: a folder below the configured one, or an https address. */
export type ImportSource = "Folder" | "Address";

/** What a run reads, and what it may do by itself. */
export interface ImportSchedulePlan {
  readonly name: string;
  readonly source: ImportSource;
  /** A path below the configured folder (empty: that folder itself), or an https address. */
  readonly location: string;
  readonly everyMinutes: number;
  /** Whether it applies by itself the rows that require no code. Otherwise it shows what differs and notifies. */
  readonly applies: boolean;
  /** The reason for what it applies; null if it applies nothing. */
  readonly justification: string | null;
  readonly capToMaximum: boolean;
  readonly removeMembers: boolean;
  /**
   * It stops as a whole if it would remove more than this percentage of the members it is about, or more than this
   * many.
   */
  readonly removalPercent: number;
  readonly removals: number;
}
