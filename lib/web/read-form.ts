import type { z } from "zod";
import { fieldsOf, isForm } from "@/lib/web/form-fields";
import { type Refused, refused } from "@/lib/web/form-outcome";
import { sentenceOf, sentences } from "@/lib/web/form-sentences";

/** The first error of each field. */
export function fieldErrorsOf(error: z.ZodError): Record<string, string> {
  return Object.fromEntries(error.issues.map((issue) => [issue.path.join("."), issue.message]).reverse());
}

/** Reads a form by a shape. Returns its fields or its errors. Fields in `lists` keep every value. */
export function readForm<Fields>(
  form: unknown,
  shape: z.ZodType<Fields>,
  lists: readonly string[] = [],
): { readonly ok: true; readonly fields: Fields } | { readonly ok: false; readonly outcome: Refused } {
  if (!isForm(form)) return { ok: false, outcome: refused(sentences.unreadable) };
  const every = Object.fromEntries(lists.map((name) => [name, form.getAll(name)]));
  const parsed = shape.safeParse({ ...fieldsOf(form), ...every }, { error: sentenceOf });
  if (parsed.success) return { ok: true, fields: parsed.data };
  const ofForm = parsed.error.issues.find(
    (issue) => issue.code === "custom" && issue.params?.unseen === true,
  );
  const fieldErrors = fieldErrorsOf(parsed.error);
  return { ok: false, outcome: refused(ofForm?.message ?? sentences.checkFields, { fieldErrors }) };
}
