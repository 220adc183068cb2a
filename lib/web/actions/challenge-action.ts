import type { z } from "zod";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { type Asking, asking } from "@/lib/web/actions/asking";
import { prepareChallenge } from "@/lib/web/actions/step-up";
import type { PreparedChallenge } from "@/lib/web/form-outcome";
import { sentences, signedOut } from "@/lib/web/form-sentences";
import { readForm } from "@/lib/web/read-form";
import { outcomeOf } from "@/lib/web/refusal-outcome";

/**
 * Creates the challenge for a form before its code is typed. It reads the same shape as the form's own action,
 * so both describe the same operation. Returns null if the form needs no code.
 */
export function challengeAction<Fields>(steps: {
  readonly shape: z.ZodType<Fields>;
  readonly operation: (
    fields: Fields,
    by: Asking,
  ) => ProtectedOperation | null | Promise<ProtectedOperation | null>;
  /** Why the operation would be refused whatever code is entered. Such a form gets no challenge, and spends no code. */
  readonly refuses?: (by: Asking, fields: Fields) => Promise<OperationError | null>;
}): (form: FormData) => Promise<PreparedChallenge> {
  return async (form) => {
    const by = await asking();
    if (!by) return { ok: false, message: signedOut };
    const given = readForm(form, steps.shape);
    if (!given.ok) return { ok: false, message: given.outcome.message };
    const refusal = await steps.refuses?.(by, given.fields);
    if (refusal) {
      const refused = outcomeOf(refusal, null);
      return { ok: false, message: refused.message, refused };
    }
    const operation = await steps.operation(given.fields, by);
    return operation ? prepareChallenge(by.caller, operation) : { ok: false, message: sentences.noCode };
  };
}
