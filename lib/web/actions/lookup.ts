import type { z } from "zod";
import { type Asking, asking } from "@/lib/web/actions/asking";

/**
 * What a page asks for while it is used, such as the people a search finds. `none` is answered to whoever is signed out,
 * and to arguments that are not of the shapes: they are whatever somebody sends.
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
