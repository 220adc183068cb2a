/** What is known of somebody whom a directory made, when they come through its provider. */
export interface DirectoryPerson {
  readonly disabled: boolean;
  /** Their external id is still the one that the directory gave when it made them, and they were never linked. */
  readonly asMade: boolean;
  readonly linked: boolean;
  /** One of Postern's own, or an invitation that is open. */
  readonly password: boolean;
  /** Now, before, or one that waits to be confirmed. */
  readonly factor: boolean;
  readonly cameBefore: boolean;
  readonly breakGlass: boolean;
  /** More than roles whose activation takes a second factor, which this link is not. */
  readonly privileged: boolean;
}

const obstacles: Readonly<Record<Exclude<keyof DirectoryPerson, "asMade">, string>> = {
  disabled: "They are disabled.",
  linked: "They are linked to an identity already.",
  password: "They have a password here, or an open invitation.",
  factor: "They have or had a second factor.",
  cameBefore: "They have signed in before.",
  breakGlass: "They are a break-glass account.",
  privileged:
    "They hold an active role, a right to decide, or a role that takes no second factor to activate.",
};

/**
 * Why a directory's external id does not link somebody, as sentences; none if it does. Whoever has the directory's token
 * can say any external id, so it opens nothing that a thief of the token would want.
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
