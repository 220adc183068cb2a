import { revalidatePath } from "next/cache";
import type { z } from "zod";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { busyMessage } from "@/lib/identity/sessions/sign-in-turns";
import { unlessBusy } from "@/lib/platform/concurrency-limit";
import { type Asking, asking, type Proving } from "@/lib/web/actions/asking";
import { proofOf } from "@/lib/web/actions/step-up";
import { stepUpShape } from "@/lib/web/form-fields";
import { type FormOutcome, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { readForm } from "@/lib/web/read-form";
import { outcomeInReadersZone } from "@/lib/web/reader-zone";
import { outcomeOf } from "@/lib/web/refusal-outcome";

type Awaitable<Value> = Value | Promise<Value>;

/** The action that a form is submitted to. */
export type FormAction<Outcome = FormOutcome> = (form: FormData) => Promise<FormOutcome | Outcome>;

interface Steps<By, Fields, Result> {
  /** The fields of the form. */
  readonly shape: z.ZodType<Fields>;
  /** Fields that keep every value. For other fields the last value counts. */
  readonly lists?: readonly string[];
  /** Calls the one operation. */
  readonly run: (by: By, fields: Fields) => Promise<Result>;
  /** Whether pages are read again. The default is after every success. */
  readonly refresh?: (outcome: FormOutcome) => boolean;
}

/** An action whose answer says what was done. Refusals are shown beside their fields. */
interface Plain<By, Fields, Done extends object> extends Steps<By, Fields, OperationResult<Done>> {
  readonly done: (done: Done, fields: Fields) => Awaitable<string | FormOutcome>;
}

/** An action that makes its whole answer itself. */
interface Full<By, Fields, Result, Outcome> extends Steps<By, Fields, Result> {
  readonly answer: (result: Result, by: By, fields: Fields) => Awaitable<Outcome>;
}

/** How an action begins once its form is read: with or without a proof. */
interface Entrance<By> {
  readonly enter: (
    by: Asking,
    form: FormData,
  ) => Promise<
    { readonly ok: true; readonly by: By } | { readonly ok: false; readonly outcome: FormOutcome }
  >;
  readonly proofOf: (by: By) => string | null;
}

const withoutProof: Entrance<Asking> = {
  enter: async (by) => ({ ok: true, by }),
  proofOf: () => null,
};

const withProof: Entrance<Proving> = {
  async enter(by, form) {
    const stepUp = readForm(form, stepUpShape);
    if (!stepUp.ok) return stepUp;
    const proof = await proofOf(by.caller, stepUp.fields);
    return proof.ok ? { ok: true, by: { ...by, proofId: proof.proofId } } : proof;
  },
  proofOf: ({ proofId }) => proofId,
};

function inFull<By, Fields, Done extends object>(
  { done, ...steps }: Plain<By, Fields, Done>,
  entrance: Entrance<By>,
): Full<By, Fields, OperationResult<Done>, FormOutcome> {
  return {
    ...steps,
    async answer(result, by, fields) {
      if (!result.ok) return outcomeOf(result.error, entrance.proofOf(by));
      const words = await done(result, fields);
      return typeof words === "string" ? { ok: true, message: words } : words;
    },
  };
}

/**
 * The steps of every action, in order: find the caller, read the form, run the one operation, make the answer, and
 * revalidate the pages. `run` is called only for a caller who is signed in, and only with fields of the shape.
 */
export async function answerForm<By, Fields, Result, const Outcome extends FormOutcome>(
  asked: Asking | null,
  form: FormData,
  steps: Full<By, Fields, Result, Outcome>,
  entrance: Entrance<By>,
): Promise<FormOutcome | Outcome> {
  return outcomeInReadersZone(await answer(asked, form, steps, entrance));
}

async function answer<By, Fields, Result, const Outcome extends FormOutcome>(
  asked: Asking | null,
  form: FormData,
  steps: Full<By, Fields, Result, Outcome>,
  entrance: Entrance<By>,
): Promise<FormOutcome | Outcome> {
  if (!asked) return signedOutOutcome;
  const given = readForm(form, steps.shape, steps.lists);
  if (!given.ok) return given.outcome;
  const entered = await entrance.enter(asked, form);
  if (!entered.ok) return entered.outcome;
  const { by } = entered;
  const ran = await unlessBusy(async () => ({ result: await steps.run(by, given.fields) }), null);
  if (!ran) return refused(busyMessage, { proofId: entrance.proofOf(by) });
  const outcome = await steps.answer(ran.result, by, given.fields);
  if (steps.refresh ? steps.refresh(outcome) : outcome.ok) revalidatePath("/", "layout");
  return outcome;
}

/** An action that requires no second factor. */
export function formAction<Fields, Done extends object>(steps: Plain<Asking, Fields, Done>): FormAction;
export function formAction<Fields, Result, const Outcome extends FormOutcome>(
  steps: Full<Asking, Fields, Result, Outcome>,
): FormAction<Outcome>;
export function formAction<Fields, Done extends object, Result, const Outcome extends FormOutcome>(
  steps: Plain<Asking, Fields, Done> | Full<Asking, Fields, Result, Outcome>,
): FormAction<Outcome> {
  if (!("done" in steps)) return async (form) => answerForm(await asking(), form, steps, withoutProof);
  const full = inFull(steps, withoutProof);
  return async (form) => answerForm(await asking(), form, full, withoutProof);
}

/** An action whose form may include a code or a proof. The operation gets the proof and spends it. */
export function provedAction<Fields, Done extends object>(steps: Plain<Proving, Fields, Done>): FormAction;
export function provedAction<Fields, Result, const Outcome extends FormOutcome>(
  steps: Full<Proving, Fields, Result, Outcome>,
): FormAction<Outcome>;
export function provedAction<Fields, Done extends object, Result, const Outcome extends FormOutcome>(
  steps: Plain<Proving, Fields, Done> | Full<Proving, Fields, Result, Outcome>,
): FormAction<Outcome> {
  if (!("done" in steps)) return async (form) => answerForm(await asking(), form, steps, withProof);
  const full = inFull(steps, withProof);
  return async (form) => answerForm(await asking(), form, full, withProof);
}

/** The same for a form that works before the page's script has run. React passes its previous state first. */
export function withState<Outcome>(action: FormAction<Outcome>) {
  return async (_before: unknown, form: FormData) => action(form);
}
