import { ownerRoleId } from "@/lib/domain/gate/last-owner";

/** What the scan looks for. */
export const alertKinds = [
  "TooManyOwners",
  "TooManyPermanentOwners",
  "EligibleNeverActivates",
  "ActivationWithoutMfa",
  "DuplicateCustomRoles",
  "AssignedOutside",
  "OutlastsGiver",
  "RepeatedFailedStepUps",
  "UnusualActivation",
  "ConflictingRoles",
  "BreakGlass",
  "StaleAccount",
  "ActivatesOften",
  "CannotProve",
  "TokenOutlivesMaker",
] as const;
/** Up to this number alerts of one kind or severity are counted for a badge. */
export const alertsCountedAtMost = 99;

/** A count of open alerts for a badge: "7", or "99+". */
export function openAlertsText(count: number): string {
  return count > alertsCountedAtMost ? `${alertsCountedAtMost}+` : String(count);
}

/** How many alerts can be handled together. */
export const mostAlerts = 50;

export type AlertKind = (typeof alertKinds)[number];

/** The most severe first. */
export const alertSeverities = ["High", "Medium", "Low"] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** How one kind of alert is described, and what can be done about it. */
export interface AlertDescription {
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly why: string;
  readonly howToFix: string;
  /** The threshold that an administrator can choose; null if there is none. */
  readonly threshold: {
    readonly label: string;
    readonly initial: number;
    readonly maximum: number;
    /** The label of the percentage that must be reached as well; undefined if there is none. */
    readonly share?: string;
  } | null;
  /** The one-click fix; null if a person must decide. */
  readonly fix: { readonly label: string; readonly consequence: string } | null;
  /** The page of the same resource where it can be corrected, below the resource's address; undefined if there is none. */
  readonly mendedAt?: { readonly path: string; readonly label: string };
  /** It is always raised and lasts until its cause is gone. It cannot be switched off or dismissed. */
  readonly lasts?: true;
}

const shareOfAll = "And at least this percentage of everybody assigned here";

export const alertDescriptions: Readonly<Record<AlertKind, AlertDescription>> = {
  TooManyOwners: {
    title: "Too many Owners",
    severity: "Medium",
    why: "Each Owner can do everything here, and give it to others.",
    howToFix: "Remove Owners who do not need the role, or give them a narrower one.",
    threshold: { label: "At least this many Owners", initial: 4, maximum: 1000, share: shareOfAll },
    fix: null,
  },
  TooManyPermanentOwners: {
    title: "Too many permanent Owners",
    severity: "High",
    why: "A permanent Owner holds the role around the clock, whether needed or not.",
    howToFix: "Make them eligible instead, or give the assignments an end.",
    threshold: { label: "At least this many permanent Owners", initial: 2, maximum: 1000, share: shareOfAll },
    fix: null,
    mendedAt: { path: `/standing-access?role=${ownerRoleId}`, label: "Reduce standing access" },
  },
  EligibleNeverActivates: {
    title: "Eligible but never activated",
    severity: "Low",
    why: "Access that nobody uses is only a risk.",
    howToFix: "Remove the eligibility.",
    threshold: { label: "Days without an activation", initial: 30, maximum: 365 },
    fix: {
      label: "Remove eligibility",
      consequence:
        "The member can no longer activate the role. You can make them eligible again at any time.",
    },
  },
  ActivationWithoutMfa: {
    title: "A role that can change things is activated without MFA",
    // For a role that changes data or resources it is less severe: `severityWithoutMfa`.
    severity: "High",
    why: "A stolen session would be enough to use it. Roles that give access are of high severity, those that change resources of medium, and those that change data only of low.",
    howToFix: "Require Multi-Factor Authentication on activation in the role settings.",
    threshold: null,
    fix: {
      label: "Require MFA on activation",
      consequence:
        "Members will enter a verification code each time they activate this role. Running activations continue.",
    },
  },
  DuplicateCustomRoles: {
    title: "Custom roles that allow the same",
    severity: "Low",
    why: "Several names for the same permissions hide who can do what.",
    howToFix: "Keep one of them, move the assignments over, and delete the others.",
    threshold: null,
    fix: null,
  },
  AssignedOutside: {
    title: "Assigned outside Postern",
    severity: "High",
    why: "This access was found by an import or made by another program, bypassing the portal.",
    howToFix: "Remove it, or dismiss the alert if it is intended.",
    threshold: null,
    fix: { label: "Remove assignment", consequence: "The member loses this access at once." },
  },
  OutlastsGiver: {
    title: "Gave standing access while temporarily administrator",
    severity: "High",
    why: "The right to give access ends, but what was given with it stays.",
    howToFix: "Ask the person who gave it. End it, or dismiss the alert if it is intended.",
    threshold: null,
    fix: { label: "End what was given", consequence: "The member loses this access at once." },
  },
  RepeatedFailedStepUps: {
    title: "Repeated failed verification codes",
    severity: "High",
    why: "Somebody may be guessing codes in this person's session.",
    howToFix: "Ask the person. If it was not them, disable the account and reset their authenticator app.",
    threshold: { label: "Refused codes within 24 hours", initial: 5, maximum: 100 },
    fix: null,
  },
  UnusualActivation: {
    title: "Unusual activation",
    severity: "Medium",
    why: "It happened at an hour, or from an address, that this person had not used before.",
    howToFix: "Ask the person. If it was not them, end the activation and disable the account.",
    threshold: { label: "Earlier activations needed to know a person's habits", initial: 10, maximum: 1000 },
    fix: { label: "End the activation", consequence: "The member loses the role at once." },
  },
  ConflictingRoles: {
    title: "Conflicting roles held together",
    severity: "High",
    why: "A rule says that these roles belong in different hands. They were held before the rule, or came together when a resource moved.",
    howToFix: "Decide which of the two roles the person keeps, and remove the other where it is assigned.",
    threshold: null,
    fix: null,
  },
  BreakGlass: {
    title: "Emergency activation not reviewed",
    severity: "High",
    why: "A member approved their own request in an emergency, and nobody else has looked at it yet.",
    howToFix: "Open the request, ask the member, and close the review.",
    threshold: null,
    fix: null,
    lasts: true,
  },
  StaleAccount: {
    title: "Access of an account that nobody uses",
    severity: "Medium",
    why: "Somebody who never signs in would not notice that their account was taken over.",
    howToFix: "Ask whether the person is still here. If not, disable the account, or remove their access.",
    threshold: { label: "Days without a sign-in", initial: 120, maximum: 730 },
    fix: null,
  },
  ActivatesOften: {
    title: "Activates unusually often",
    severity: "Medium",
    why: "In seven days this person activated or extended roles at least three times as often as usual: compared both with the median of their own eight weeks before, and with the median of everybody else who activated.",
    howToFix:
      "Look at what was activated, and ask the person. Perhaps they need longer activations or a direct assignment.",
    threshold: { label: "At least this many within seven days", initial: 15, maximum: 1000 },
    fix: null,
  },
  CannotProve: {
    title: "Eligible and unable to prove it",
    // For a role that changes data or resources, or nothing, it is less severe: `severityWithoutMfa`.
    severity: "High",
    why: "These people cannot activate the role when it is needed, since its settings ask for a second factor that they do not have. People who set one up in a hurry are easier to deceive.",
    howToFix: "Ask them to set up the factor now, under Your account, Factors, or remove the eligibility.",
    threshold: null,
    fix: null,
  },
  TokenOutlivesMaker: {
    title: "Directory token of a former administrator",
    severity: "Medium",
    why: "The person who made the token may have kept a copy. It still works, so that provisioning does not stop, and can change people and groups whatever became of its maker.",
    howToFix:
      "Make a new token on the page Directories, and enter it in the directory. The old one stops working.",
    threshold: null,
    fix: null,
  },
};
