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
