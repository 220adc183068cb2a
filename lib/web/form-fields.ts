import { z } from "zod";
import { longestSearch } from "@/lib/domain/text/limits";
import { textFault } from "@/lib/domain/text/names";
import { momentShape } from "@/lib/domain/time/date-in-address";
import { atMost, notKnown, sentences, writeAtMost } from "@/lib/web/form-sentences";
import { withUnreadMoments } from "@/lib/web/typed-moment";

/** Text as PostgreSQL can keep it: without the NUL that no keyboard types. */
export function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}

/** Whether an action was given a form: its arguments are whatever somebody sends. */
export function isForm(form: unknown): form is FormData {
  return form instanceof FormData;
}

/** The fields of a form, of several with one name the last; none of whatever else somebody sends to an action. */
export function fieldsOf(form: unknown): Record<string, unknown> {
  return isForm(form) ? withUnreadMoments(Object.fromEntries(form)) : {};
}

/** Text of a form: trimmed, null when empty. */
export const optionalText = z
  .string()
  .max(2_000, writeAtMost(2_000))
  .transform(withoutNul)
  .refine((text) => textFault(text) === null, "Leave out invisible, private and control characters.")
  .optional()
  .transform((text) => text?.normalize("NFC").trim() || null);

/** A code as it was typed or pasted: whoever checks it leaves out what is no digit of it. */
export const typedCode = z
  .string()
  .max(2_000, writeAtMost(2_000))
  .optional()
  .transform((text) => withoutNul(text ?? "").trim() || null);

/** A password as it was typed. */
export const typedPassword = z.string().max(2_000, "Enter a shorter password.");

/** What somebody types into a search: without the spaces around it. */
export const searchText = z
  .string()
  .max(longestSearch)
  .transform((text) => withoutNul(text).trim());

/** A check box. */
export const checkBox = z
  .literal("on")
  .optional()
  .transform((value) => value === "on");

/** A moment in ISO 8601, as the browser made it from what was typed in the reader's zone; null when empty. */
export const optionalMoment = z
  .union([momentShape, z.literal("")], sentences.unreadMoment)
  .optional()
  .transform((moment) => moment || null);

/** The end of an assignment, or that it has none: null. */
export const endOrPermanent = z
  .object({ endsAt: optionalMoment, permanently: checkBox })
  .refine(({ endsAt, permanently }) => permanently || endsAt !== null, {
    path: ["endsAt"],
    message: sentences.chooseEnd,
  })
  .transform(({ endsAt, permanently }) => ({ endsAt: permanently ? null : endsAt }));

/**
 * A field that the page fills in and nobody sees. What is wrong with it is said of the whole form, in this sentence or
 * in the shape's own.
 */
export function unseen<Value>(shape: z.ZodType<Value>, sentence?: string) {
  return z
    .unknown()
    .optional()
    .transform((value, context): Value => {
      const parsed = shape.safeParse(value);
      if (parsed.success) return parsed.data;
      const message = sentence ?? parsed.error.issues[0]?.message ?? sentences.unreadable;
      context.addIssue({ code: "custom", message, params: { unseen: true } });
      return z.NEVER;
    });
}

/** The id of something that the page is about. */
export function knownId(thing: string) {
  return unseen(z.uuid().toLowerCase(), notKnown(thing));
}

/** Whether an assignment is eligible or active: buttons choose between these two alone. */
export const assignmentType = unseen(z.enum(["Eligible", "Active"]), sentences.unreadable);

/** The version of what an edit began with. */
export const expectedVersion = unseen(z.coerce.number().int().min(0), sentences.unreadable);

/** Ids that a choice of several carries, separated by commas; each counts once. */
export function chosenIds(none: string, most: number, things: string) {
  return z
    .string(none)
    .max(10_000, sentences.unreadable)
    .transform((text) => [...new Set(text.toLowerCase().split(",").filter(Boolean))])
    .pipe(z.array(z.uuid(sentences.unreadable)).min(1, none).max(most, atMost(most, things)));
}

const optionalId = unseen(
  z
    .union([z.uuid(), z.literal("")])
    .optional()
    .transform((text) => text || null),
  sentences.unreadable,
);

/** What a form carries of its step-up; each is null when absent. */
export const stepUpShape = z.object({ code: typedCode, challengeId: optionalId, proofId: optionalId });
export type StepUpFields = z.infer<typeof stepUpShape>;

/** What one hidden field carries as JSON; text that is no JSON is judged as nothing. */
export function jsonOf<Shape extends z.ZodType>(shape: Shape, longest = 20_000) {
  return z
    .string()
    .max(longest)
    .transform((text): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
    })
    .pipe(shape);
}
