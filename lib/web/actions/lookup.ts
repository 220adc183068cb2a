import type { z } from "zod";
import { type Asking, asking } from "@/lib/web/actions/asking";

/**
 * Answers what a page asks for while it is used, such as the results of a search. Returns `none` to people who
 * are signed out, and for arguments that do not fit the shapes.
 */
export function lookup<const Shapes extends readonly z.ZodType[], Answer>(steps: {
  readonly shapes: z.ZodTuple<Shapes, null>;
  readonly none: NoInfer<Answer>;
  readonly find: (by: Asking, ...given: z.output<z.ZodTuple<Shapes, null>>) => Promise<Answer>;
}): (...given: z.input<z.ZodTuple<Shapes, null>>) => Promise<Answer> {
  return async (...given) => {
    const by = await asking();
    const parsed = steps.shapes.safeParse(given);
    return by && parsed.success ? steps.find(by, ...parsed.data) : steps.none;
  };
}
