import { createRequire } from "node:module";

/** The action fields of a form without scripts. */
export interface FormAction {
  readonly name: string;
  readonly data: FormData | null;
}

interface ServerReference {
  bind(self: null, ...values: readonly unknown[]): ServerReference;
  $$FORM_ACTION(prefix: string): FormAction;
}

interface ReactClient {
  encodeReply(value: unknown): Promise<string | FormData>;
  createServerReference(id: string, call: () => void): ServerReference;
}

/** React's own encoder, in the version that Next.js includes. */
const react = createRequire(import.meta.url)(
  "next/dist/compiled/react-server-dom-turbopack/client.node",
) as ReactClient;

/** What a page's script sends for these arguments. */
export function writtenByScript(...given: readonly unknown[]): Promise<string | FormData> {
  return react.encodeReply(given);
}

/** The hidden fields of a form that works without scripts, as the server renders it. */
export async function writtenByForm(id: string, ...bound: readonly unknown[]): Promise<FormAction> {
  const reference = react.createServerReference(id, () => {});
  const action = bound.length === 0 ? reference : reference.bind(null, ...bound);
  try {
    return action.$$FORM_ACTION("1");
  } catch (waiting) {
    // React suspends until the bound values are written.
    await waiting;
    return action.$$FORM_ACTION("1");
  }
}
