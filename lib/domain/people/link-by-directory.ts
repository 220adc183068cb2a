/** The facts about somebody whom a directory created, when they sign in through its provider. */
export interface DirectoryPerson {
  readonly disabled: boolean;
  /** Their external id is still the one that the directory gave when it created them, and they were never linked. */
  readonly asMade: boolean;
  readonly linked: boolean;
  /** A password of Postern's own, or an open invitation. */
  readonly password: boolean;
  /** A factor now or before, or one that waits for confirmation. */
  readonly factor: boolean;
  readonly cameBefore: boolean;
  readonly breakGlass: boolean;
  /** More than roles whose activation requires a second factor, which this link is not. */
  readonly privileged: boolean;
}

const obstacles: Readonly<Record<Exclude<keyof DirectoryPerson, "asMade">, string>> = {
  disabled: "They are disabled.",
  linked: "They are already linked to an identity.",
  password: "They have a password here, or an open invitation.",
  factor: "They have or had a second factor.",
  cameBefore: "They have signed in before.",
  breakGlass: "They are a break-glass account.",
  privileged:
    "They hold an active role, a right to decide, or a role that takes no second factor to activate.",
};

/**
 * Why a directory's external id does not link somebody, as sentences; empty if it does. Anyone who has
 * the directory's token can set any external id, so such a link must not open anything that a thief of
 * the token would want.
 */
export function obstaclesToLink(person: DirectoryPerson): readonly string[] {
  const names = Object.keys(obstacles) as (keyof typeof obstacles)[];
  return [
    ...(person.asMade
      ? []
      : ["Their external id is not the one with which the directory made them, or they were linked before."]),
    ...names.filter((name) => person[name]).map((name) => obstacles[name]),
  ];
}
