import type { z } from "zod";

// What the browser itself says. Each stands alone, so that a page loads no other sentence with it.
export const unanswered = "The server did not answer. Nothing you typed is lost: try again.";
export const noWindow =
  "This browser did not open a window. Allow Postern to open windows, or use another factor.";
export const signedOut =
  "Your session has ended. Sign in again in a new tab, then submit again: nothing you typed is lost.";

/** The other sentences that several forms share, one for each meaning. */
export const sentences = {
  checkFields: "Check the fields marked above.",
  unreadable: "This form could not be read. Open the page again.",
  chooseEnd: "Choose an end, or Permanently.",
  chooseMember: "Choose at least one member.",
  chooseRole: "Choose at least one role.",
  chooseRequest: "Choose at least one request.",
  chooseAssignment: "Choose at least one assignment.",
  unreadMoment: "Enter a full date and a time, with the year in four digits.",
  noCode: "This does not need a code.",
} as const;

export function notKnown(thing: string): string {
  return `This ${thing} is not known.`;
}

export function atMost(count: number, things: string): string {
  return `Choose at most ${count} ${things}.`;
}

export function writeAtMost(characters: number): string {
  return `Write at most ${characters} characters.`;
}

/** The message for a field whose shape has none. Zod's own messages mention strings and undefined. */
export function sentenceOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return "Choose one of the options.";
    case "too_big":
      if (issue.origin === "string") return writeAtMost(Number(issue.maximum));
      return issue.origin === "array"
        ? atMost(Number(issue.maximum), "of these")
        : `Enter at most ${issue.maximum}.`;
    case "too_small":
      if (issue.origin === "string") return "Fill in this field.";
      return issue.origin === "array" ? "Choose at least one." : `Enter at least ${issue.minimum}.`;
    default:
      return issue.input === undefined || issue.input === ""
        ? "Fill in this field."
        : "This could not be read.";
  }
}
