/** What people can be told of, in the words in which they choose whether to get it by mail. */
export const noticeCategories = {
  security: {
    label: "Your sign-in and your second factor",
    description: "A new address, an authenticator app set up, replaced, removed or locked. Always sent.",
    canBeMuted: false,
  },
  decisions: {
    label: "What waits for your decision",
    description: "Requests and access reviews. Always sent.",
    canBeMuted: false,
  },
  requests: {
    label: "What became of your requests",
    description: "Approved, denied, canceled or timed out.",
    canBeMuted: true,
  },
  access: {
    label: "Your roles",
    description:
      "A role given to you, changed, taken away, or activated by you; a group that you joined or left.",
    canBeMuted: true,
  },
  expiry: {
    label: "Roles of yours that end",
    description: "14 days and one day before, and when it has ended.",
    canBeMuted: true,
  },
  administration: {
    label: "What happens in the scopes you administer",
    description: "Roles given and activated there, and alerts.",
    canBeMuted: true,
  },
  digest: {
    label: "Weekly digest for administrators",
    description: "Each Monday: what happened in the scopes you administer, and what ends soon.",
    canBeMuted: true,
  },
} as const;

export type NoticeCategory = keyof typeof noticeCategories;
export const noticeCategoryNames = Object.keys(noticeCategories) as NoticeCategory[];

export type MutableCategory = {
  [Name in NoticeCategory]: (typeof noticeCategories)[Name]["canBeMuted"] extends true ? Name : never;
}[NoticeCategory];
export const mutableCategoryNames = noticeCategoryNames.filter(
  (name): name is MutableCategory => noticeCategories[name].canBeMuted,
);

/** Something to tell a person, in the portal and by mail alike. Plain text throughout, and never a secret. */
export interface Notice {
  readonly category: NoticeCategory;
  readonly title: string;
  readonly body: string;
  /** The facts of the matter, for the mail. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** The page of the portal where the person sees or does what it is about; begins with one slash. */
  readonly href: string;
}

/** A time as notices write it: they are read anywhere, so in UTC and saying so. */
export function momentText(time: Date): string {
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const text = time.toISOString();
  return `${time.getUTCDate()} ${months[time.getUTCMonth()]} ${text.slice(0, 4)}, ${text.slice(11, 16)} UTC`;
}
