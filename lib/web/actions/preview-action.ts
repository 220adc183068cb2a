import type { z } from "zod";
import { type Asking, asking } from "@/lib/web/actions/asking";
import { type PreviewOutcome, signedOutOutcome } from "@/lib/web/form-outcome";
import { readForm } from "@/lib/web/read-form";

/** Previews what a form would do to each of its items. Changes nothing. */
export function previewAction<Fields>(steps: {
  readonly shape: z.ZodType<Fields>;
  readonly preview: (
    by: Asking,
    fields: Fields,
  ) => Promise<Omit<Extract<PreviewOutcome, { ok: true }>, "ok">>;
}): (form: FormData) => Promise<PreviewOutcome> {
  return async (form) => {
    const by = await asking();
    if (!by) return signedOutOutcome;
    const given = readForm(form, steps.shape);
    return given.ok ? { ok: true, ...(await steps.preview(by, given.fields)) } : given.outcome;
  };
}
