import type { z } from "zod";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { application } from "@/lib/platform/application";
import type { Configuration } from "@/lib/platform/configuration";
import type { Database } from "@/lib/platform/database";
import { fieldsOf } from "@/lib/web/form-fields";
import { sentenceOf } from "@/lib/web/form-sentences";
import { fieldErrorsOf } from "@/lib/web/read-form";
import { requestOrigin } from "@/lib/web/request";

/** What is known about a person who has not signed in: their address and browser. */
export interface Stranger {
  readonly origin: Origin;
  readonly database: Database;
  readonly configuration: Configuration;
}

/**
 * An action for people who have not signed in: signing in, setting up, and choosing a first password. It has no
 * caller. If the shape refuses a form, `misread` makes the answer from its errors and its fields.
 */
export function strangerAction<Fields, State>(steps: {
  readonly shape: z.ZodType<Fields>;
  readonly misread: (
    fieldErrors: Readonly<Record<string, string>>,
    fields: Readonly<Record<string, unknown>>,
  ) => State;
  readonly run: (by: Stranger, fields: Fields) => Promise<State>;
}): (before: State, form: FormData) => Promise<State> {
  return async (_before, form) => {
    const fields = fieldsOf(form);
    const parsed = steps.shape.safeParse(fields, { error: sentenceOf });
    if (!parsed.success) return steps.misread(fieldErrorsOf(parsed.error), fields);
    return steps.run(await stranger(), parsed.data);
  };
}

async function stranger(): Promise<Stranger> {
  const { configuration, database } = application();
  return { origin: await requestOrigin(), configuration, database };
}

/** The same for a button without fields: signing out, when the session may have ended already. */
export function strangerButton(run: (by: Stranger) => Promise<void>): () => Promise<void> {
  return async () => run(await stranger());
}
