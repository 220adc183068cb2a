import { isStepUpField } from "@/components/ui/forms/typed-fields";
import { type Refused, refused } from "@/lib/web/form-outcome";

/** The first request for a code, which is not an error: why it is required, and what else was refused. */
export interface CodeRequest {
  readonly why: string;
  readonly rest: Refused | null;
}

/** Reads a refusal of a form that had no code. Null if it does not request one. */
export function codeRequest(outcome: Refused): CodeRequest | null {
  if (!outcome.needsCode) return null;
  const { code, passkey, ...others } = outcome.fieldErrors;
  const said = [...new Set(Object.values(others))];
  const { needsResistant } = outcome;
  const asks = { needsCode: true, needsResistant };
  const rest =
    said.length > 0 || needsResistant ? refused(said.join(" "), { ...asks, fieldErrors: others }) : null;
  return { why: passkey ?? code ?? outcome.message, rest };
}

/** Whether a refusal names a field besides those of the step-up: what a code was to confirm was read from it. */
export function namesFields({ fieldErrors }: Refused): boolean {
  return Object.keys(fieldErrors).some((name) => !isStepUpField(name));
}
