/** The fields of the step-up, which are never stored or compared. */
const stepUpFields = new Set(["code", "challengeId", "proofId", "passkey", "confirmed"]);

export function isStepUpField(name: string): boolean {
  return stepUpFields.has(name);
}

/** What somebody typed or chose in a form, in its order, without the step-up. */
export function typedFields(form: FormData): (readonly [name: string, value: string])[] {
  return [...form].flatMap(([name, value]) =>
    isStepUpField(name) || typeof value !== "string" ? [] : [[name, value] as const],
  );
}

/**
 * Whether a form is sent with what proves it: a code, a passkey's or a provider's answer, or the proof that one of them
 * made.
 */
export function carriesProof(form: FormData): boolean {
  return ["code", "passkey", "confirmed", "proofId"].some(
    (name) => String(form.get(name) ?? "").trim() !== "",
  );
}

/** The fields that are sent with another factor. A code that was begun does not count. */
export function withoutCode(data: FormData): FormData {
  data.delete("code");
  return data;
}

/** Empties the field of the code. */
export function clearCode(form: HTMLFormElement | null) {
  const code = form?.elements.namedItem("code");
  if (code instanceof HTMLInputElement) code.value = "";
}
