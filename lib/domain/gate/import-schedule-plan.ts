/** Where a scheduled import reads: a folder below the one that the configuration names, or an https address. */
export type ImportSource = "Folder" | "Address";

/** What a run reads, and what it may do by itself. */
export interface ImportSchedulePlan {
  readonly name: string;
  readonly source: ImportSource;
  /** A path below the configured folder (empty: that folder itself), or an https address. */
  readonly location: string;
  readonly everyMinutes: number;
  /** Whether it applies by itself what takes no code. Otherwise it shows what differs and says so. */
  readonly applies: boolean;
  /** The reason of what it applies; null if it applies nothing. */
  readonly justification: string | null;
  readonly capToMaximum: boolean;
  readonly removeMembers: boolean;
  /** It stops as a whole when it would remove more than so many percent of the members it is about, or more than so many. */
  readonly removalPercent: number;
  readonly removals: number;
}
