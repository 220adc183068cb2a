import { revalidatePath } from "next/cache";
import type { z } from "zod";
import { type Asking, asking } from "@/lib/web/actions/asking";
import { readForm } from "@/lib/web/read-form";
import { requireCaller } from "@/lib/web/request";

/**
 * The action of a single button. It also works before the page's script has run, and returns nothing, since the page
 * shows the result. People who are signed out are sent to sign in. A form that does not fit the shape does nothing.
 */
export function buttonAction<Fields>(steps: {
  readonly shape: z.ZodType<Fields>;
  readonly run: (by: Asking, fields: Fields) => Promise<unknown>;
}): (form: FormData) => Promise<void> {
  return async (form) => {
    const by = await asking();
    if (!by) return void (await requireCaller());
    const given = readForm(form, steps.shape);
    if (!given.ok) return;
    await steps.run(by, given.fields);
    revalidatePath("/", "layout");
  };
}
