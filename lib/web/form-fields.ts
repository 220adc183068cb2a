import { z } from "zod";
import { longestSearch } from "@/lib/domain/text/limits";
import { textFault } from "@/lib/domain/text/names";
import { momentShape } from "@/lib/domain/time/date-in-address";
import { atMost, notKnown, sentences, writeAtMost } from "@/lib/web/form-sentences";
import { withUnreadMoments } from "@/lib/web/typed-moment";

/** Text without NUL, which PostgreSQL cannot store. */
export function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}

/** Whether an action received a form. A hostile client may send anything. */
export function isForm(form: unknown): form is FormData {
  return form instanceof FormData;
}

/** The fields of a form. If several have one name, the last counts. Empty for anything that is not a form. */
export function fieldsOf(form: unknown): Record<string, unknown> {
  return isForm(form) ? withUnreadMoments(Object.fromEntries(form)) : {};
}

/** What a page showed of something that may be missing, unchanged: it is only compared, never stored. */
export const shownText = z
  .string()
  .max(1_000)
  .transform(withoutNul)
  .optional()
  .transform((text) => text || null);

/** Text of a form, trimmed. Null if empty. */
export const optionalText = z
  .string()
  .max(2_000, writeAtMost(2_000))
  .transform(withoutNul)
  .refine((text) => textFault(text) === null, "Leave out invisible, private and control characters.")
  .optional()
  .transform((text) => text?.normalize("NFC").trim() || null);

/** A code as it was typed or pasted. The check removes everything but digits. */
export const typedCode = z
  .string()
  .max(2_000, writeAtMost(2_000))
  .optional()
  .transform((text) => withoutNul(text ?? "").trim() || null);

/** A password as it was typed. */
export const typedPassword = z.string().max(2_000, "Enter a shorter password.");

/** A one-time pass as it was typed or pasted; empty without one. */
export const typedPass = z
  .string()
  .max(2_000, writeAtMost(2_000))
  .default("")
  .transform((text) => withoutNul(text).trim());

/** A search text, trimmed. */
export const searchText = z
  .string()
  .max(longestSearch)
  .transform((text) => withoutNul(text).trim());

/** A check box. */
export const checkBox = z
  .literal("on")
  .optional()
  .transform((value) => value === "on");

/** A moment in ISO 8601. The browser computes it from what was typed in the reader's zone. Null if empty. */
export const optionalMoment = z
  .union([momentShape, z.literal("")], sentences.unreadMoment)
  .optional()
  .transform((moment) => moment || null);

/** The end of an assignment. Null: permanent. */
export const endOrPermanent = z
  .object({ endsAt: optionalMoment, permanently: checkBox })
  .refine(({ endsAt, permanently }) => permanently || endsAt !== null, {
    path: ["endsAt"],
    message: sentences.chooseEnd,
  })
  .transform(({ endsAt, permanently }) => ({ endsAt: permanently ? null : endsAt }));

/**
 * A field that the page fills in and nobody sees. Its errors are shown for the whole form, with this sentence
 * or with the shape's own.
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

/** The id of the thing that the page is about. */
export function knownId(thing: string) {
  return unseen(z.uuid().toLowerCase(), notKnown(thing));
}

/** Whether an assignment is eligible or active, as radio buttons send it. */
export const assignmentType = unseen(z.enum(["Eligible", "Active"]), sentences.unreadable);

/** The version that an edit is based on. */
export const expectedVersion = unseen(z.coerce.number().int().min(0), sentences.unreadable);

/** The ids of a selection, separated by commas. Each counts once. */
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

/** A hidden field that contains JSON. Invalid JSON counts as missing. */
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

const base64url = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^[\w-]*$/);
const base64urlOrNone = base64url(1_000).optional();

/** A browser's answer for a passkey that signed a challenge (WebAuthn Level 3, `AuthenticationResponseJSON`). */
export const passkeyAnswer = z.object({
  id: base64url(1_400),
  rawId: base64url(1_400),
  type: z.literal("public-key"),
  clientExtensionResults: z.object({}),
  response: z.object({
    authenticatorData: base64url(2_000),
    clientDataJSON: base64url(4_000),
    signature: base64url(2_000),
    userHandle: base64urlOrNone,
  }),
});

/** The step-up fields of a form. Each is null if absent. */
export const stepUpShape = z.object({
  code: typedCode,
  challengeId: optionalId,
  proofId: optionalId,
  passkey: unseen(
    z
      .union([jsonOf(passkeyAnswer), z.literal("")])
      .optional()
      .transform((answer) => answer || null),
    sentences.unreadable,
  ),
  confirmed: unseen(
    z
      .enum(["1", ""])
      .optional()
      .transform((value) => value === "1"),
    sentences.unreadable,
  ),
});
export type StepUpFields = z.infer<typeof stepUpShape>;
