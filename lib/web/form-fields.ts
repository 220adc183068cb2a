import { z } from "zod";
import { momentShape } from "@/lib/domain/activation/date-in-address";
import { mostAtOnce } from "@/lib/domain/gate/protected-operation";
import { textFault } from "@/lib/domain/people/names";
import { withUnreadMoments } from "@/lib/web/typed-moment";

/** Text as PostgreSQL can keep it: without the NUL that no keyboard types. */
export function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}

/** Whether an action was given a form: its arguments are whatever somebody sends. */
export function isForm(form: unknown): form is FormData {
  return form instanceof FormData;
}

/** What is answered to whatever is no form, where a form without fields would mean something. */
export const notAForm = "This could not be read as a form. Open the page again.";

/** The fields of a form, of several with one name the last; none of whatever else somebody sends to an action. */
export function fieldsOf(form: unknown): Record<string, unknown> {
  return isForm(form) ? withUnreadMoments(Object.fromEntries(form)) : {};
}

/** Every value of one field of a form. */
export function allOf(form: unknown, name: string): unknown[] {
  return isForm(form) ? form.getAll(name) : [];
}

/** Text of a form: trimmed, null when empty. */
export const optionalText = z
  .string()
  .max(2_000, "Write at most 2000 characters.")
  .transform(withoutNul)
  .refine((text) => textFault(text) === null, "Leave out invisible, private and control characters.")
  .optional()
  .transform((text) => text?.normalize("NFC").trim() || null);

/** A code as it was typed or pasted: whoever checks it leaves out what is no digit of it. */
export const typedCode = z
  .string()
  .max(2_000, "Write at most 2000 characters.")
  .optional()
  .transform((text) => withoutNul(text ?? "").trim() || null);

export const optionalId = z
  .union([z.uuid(), z.literal("")])
  .optional()
  .transform((text) => text || null);

/** A moment in ISO 8601, as the browser made it from what was typed in the reader's zone; null when empty. */
export const optionalMoment = z
  .union([momentShape, z.literal("")], "Enter a whole date and a time, the year in four digits.")
  .optional()
  .transform((moment) => moment || null);

export const stepUpFields = {
  code: typedCode,
  challengeId: optionalId,
  proofId: optionalId,
};

/** What one hidden field carries as JSON; text that is no JSON is judged as nothing. */
export function jsonOf<Shape extends z.ZodType>(shape: Shape) {
  return z
    .string()
    .max(20_000)
    .transform((text): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
    })
    .pipe(shape);
}

/** The roles that a form asks to activate together, as the JSON of one hidden field. */
export const activationItems = z
  .string("Choose at least one role.")
  .max(10_000)
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue("Choose at least one role.");
      return z.NEVER;
    }
  })
  .pipe(
    z
      .array(
        z.object({
          eligibilityId: z.uuid(),
          resourceId: z.uuid(),
          durationMinutes: z.number().int().min(0).max(1440),
        }),
      )
      .min(1, "Choose at least one role.")
      .max(mostAtOnce, `Choose at most ${mostAtOnce} roles.`),
  );

/** Each field's first fault, for the message beside it. */
export function fieldErrorsOf(error: z.ZodError): Record<string, string> {
  return Object.fromEntries(error.issues.map((issue) => [issue.path.join("."), issue.message]).reverse());
}
