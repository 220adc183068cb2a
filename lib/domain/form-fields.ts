import { z } from "zod";

/** Text of a form: trimmed, null when empty. */
export const optionalText = z
  .string()
  .max(2_000, "Write at most 2000 characters.")
  .optional()
  .transform((text) => text?.trim() || null);

export const optionalId = z
  .union([z.uuid(), z.literal("")])
  .optional()
  .transform((text) => text || null);

/** A moment in ISO 8601, as the browser made it from what was typed in the reader's zone; null when empty. */
export const optionalMoment = z
  .union([z.iso.datetime(), z.literal("")], "Enter a date and time.")
  .optional()
  .transform((text) => (text ? new Date(text) : null));

export const stepUpFields = {
  code: optionalText,
  challengeId: optionalId,
  proofId: optionalId,
};

/** Each field's first fault, for the message beside it. */
export function fieldErrorsOf(error: z.ZodError): Record<string, string> {
  return Object.fromEntries(error.issues.map((issue) => [issue.path.join("."), issue.message]).reverse());
}
