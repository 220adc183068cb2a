import { z } from "zod";
import { normalisedScope } from "@/lib/domain/resources/scope";
import { limits } from "@/lib/domain/text/limits";
import { nameFault, normalisedName, scopeFault, textFault } from "@/lib/domain/text/names";

const tooLong = "is too long";

/** Required text, and the fields that entries of several kinds have in common. */
export const text = z.string().trim().min(1, "is empty").max(1_000, tooLong);
export const optional = z
  .string()
  .trim()
  .max(1_000, tooLong)
  .nullish()
  .transform((value) => value || null);
/** A fault in words, after the name of the field. */
const inFileWords = (fault: string) => fault.charAt(0).toLowerCase() + fault.slice(1).replace(/\.$/, "");
const judged = (text: string, fault: (text: string) => string | null, context: z.RefinementCtx): string => {
  const message = fault(text);
  if (message !== null) context.addIssue({ code: "custom", message: inFileWords(message) });
  return text.normalize("NFC");
};
/** A name, or a text by which something is looked up. */
export const nameText = text.transform((value, context) => normalisedName(judged(value, nameFault, context)));
/** A name that is stored, with its maximum length. */
export const nameOf = (most: number) => nameText.refine((value) => value.length <= most, tooLong);
export const optionalNameOf = (most: number) =>
  optionalName.refine((value) => value === null || value.length <= most, tooLong);
export const optionalName = optional.transform((value, context) =>
  value === null ? null : normalisedName(judged(value, nameFault, context)),
);
export const described = z
  .string()
  .trim()
  .max(limits.roleDescription, tooLong)
  .nullish()
  .transform((value, context) => judged(value ?? "", textFault, context));
const notScope = "is not a scope, such as /subscriptions/ID";
export const scopeText = text.transform((value, context) =>
  judged(normalisedScope(value), scopeFault, context),
);
export const rootOrScope = scopeText.refine((value) => value === "/" || /^(\/[^/]+)+$/.test(value), notScope);
export const scope = rootOrScope.refine((value) => value !== "/", notScope);
export const optionalScope = optional.transform((value, context) =>
  value === null ? null : judged(normalisedScope(value), scopeFault, context),
);
