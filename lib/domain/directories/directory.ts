/** The longest life of a new token, in days. */
export const tokenDays = [90, 180, 365] as const;
/** How many directories may be in use. */
export const mostDirectories = 20;
/** How many unapplied requests of a directory are kept for each; the newest stay. */
export const mostDrift = 500;
/** How many days without a repetition until an unapplied request is no longer shown. */
export const driftDays = 30;

/** Why a directory's request was not applied, and what to do about it. */
export const driftKinds = {
  NameTaken:
    "Somebody else has this name, address or id here. If it is the same person or group, let the directory take it over.",
  TakeOver:
    "Only an administrator can hand over somebody who has access. If it is the right person or group, let the directory take it over.",
  Address: "Ask the person. If the address is right, change it on their page.",
  Member:
    "Assign the role directly, or make the group eligible instead of active. Then the directory may add the member.",
  Conflict: "Remove what conflicts, or approve an exception from the rule.",
  Enable:
    "Remove the active assignments, or take the person out of the directory and enable them with a code.",
  BreakGlass:
    "Take the account off the list of break-glass accounts first, or leave it as it is in the directory.",
  LastOwner: "Make somebody else a permanent active Owner at the root first.",
} as const;
export type DriftKind = keyof typeof driftKinds;

export function isDriftKind(text: string): text is DriftKind {
  return Object.hasOwn(driftKinds, text);
}
