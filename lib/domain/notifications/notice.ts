/** The kinds of notifications, in the words in which people choose whether to get them by mail. */
export const noticeCategories = {
  security: {
    label: "Your sign-in and your second factor",
    description:
      "A new address or browser, an authenticator app set up, replaced, removed or locked. Always sent.",
    canBeMuted: false,
  },
  decisions: {
    label: "Requests and reviews that wait for you",
    description: "Requests and access reviews. Always sent.",
    canBeMuted: false,
  },
  asked: {
    label: "Requests that you were asked to decide",
    description: "Denied by somebody else, withdrawn or timed out.",
    canBeMuted: true,
  },
  requests: {
    label: "Results of your requests",
    description: "Approved, denied, canceled or timed out.",
    canBeMuted: true,
  },
  access: {
    label: "Your roles",
    description:
      "A role assigned to you, changed, removed, or activated by you; a group that you joined or left.",
    canBeMuted: true,
  },
  expiry: {
    label: "Your roles that are about to end",
    description:
      "14 days and one day before the end, 15 minutes before that of an activation, and at the end.",
    canBeMuted: true,
  },
  administration: {
    label: "Activity in the scopes you administer",
    description: "Roles assigned and activated there, what ends in 14 days and in one, and alerts.",
    canBeMuted: true,
  },
  exports: {
    label: "Scheduled exports",
    description: "Assignments and role settings as a file, when an administrator schedules them for you.",
    canBeMuted: true,
  },
  digest: {
    label: "Weekly digest for administrators",
    description:
      "Each Monday: what happened in the scopes you administer, what ends soon, and how much standing access there is.",
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

/** A notification, in the portal and by mail alike. Plain text throughout, and never a secret. */
export interface Notice {
  readonly category: NoticeCategory;
  readonly title: string;
  readonly body: string;
  /** The facts, for the mail. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  /** The page where the person sees it or acts on it; begins with one slash. */
  readonly href: string;
  /** The text of the mail's one button, if it does more than open the page. */
  readonly action?: string;
  /** Another page that the mail links to below its button. */
  readonly also?: { readonly action: string; readonly href: string };
}
