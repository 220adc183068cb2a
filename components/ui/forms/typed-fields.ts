/** What belongs to the step-up, and is never kept or compared. */
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

/** What is sent with another factor: a code that was begun does not count. */
export function withoutCode(data: FormData): FormData {
  data.delete("code");
  return data;
}

/** Empties the field of the code. */
export function clearCode(form: HTMLFormElement | null) {
  const code = form?.elements.namedItem("code");
  if (code instanceof HTMLInputElement) code.value = "";
}
