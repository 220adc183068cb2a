/**
 * NIST SP 800-63B and ASVS 5.0, 6.2: length counts, composition does not. Passwords that are easy to
 * guess are refused elsewhere.
 */
export const maximumPasswordLength = 1_000;

/** What is wrong with the length of a chosen password, as a sentence beside the field; null if it is good. */
export function passwordLengthFault(password: string, minimum: number): string | null {
  const length = [...password].length;
  if (length < minimum) return `Choose at least ${minimum} characters.`;
  if (length > maximumPasswordLength) return `Choose at most ${maximumPasswordLength} characters.`;
  return null;
}

/** The hint beside a field in which a password is chosen. */
export function passwordHint(minimum: number): string {
  return `At least ${minimum} characters. A few unusual words work well.`;
}

/** A part of a password that an attacker would try early: its position, and what it is. */
export interface WeakPart {
  /** The positions of the first and the last character, counted from one. */
  readonly from: number;
  readonly to: number;
  readonly kind: WeakKind;
}

export type WeakKind = "leaked" | "own" | "word" | "name" | "keys" | "run" | "repetition" | "date";

const inWords: Readonly<Record<WeakKind, string>> = {
  leaked: "a leaked password",
  own: "part of your name, your address or the organisation's name",
  word: "a common word",
  name: "a common name",
  keys: "keys side by side",
  run: "a simple sequence",
  repetition: "a repetition",
  date: "a date or a year",
};

/** Why a password is refused. It names positions, not letters, since others may see the screen. */
export function weakPasswordText(parts: readonly WeakPart[]): string {
  const shown = parts
    .slice(0, 3)
    .map(
      ({ from, to, kind }) =>
        `${from === to ? `character ${from}` : `characters ${from} to ${to}`} (${inWords[kind]})`,
    );
  const which = shown.length === 0 ? "" : `: ${shown.join(", ")}`;
  return `This password is easy to guess${which}. Choose a longer one, made of unrelated words.`;
}
