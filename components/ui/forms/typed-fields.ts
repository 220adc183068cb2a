/** What belongs to the step-up, and is never kept or compared. */
const stepUpFields = new Set(["code", "challengeId", "proofId", "passkey"]);

export function isStepUpField(name: string): boolean {
  return stepUpFields.has(name);
}

/** What somebody typed or chose in a form, in its order, without the step-up. */
export function typedFields(form: FormData): (readonly [name: string, value: string])[] {
  return [...form].flatMap(([name, value]) =>
    isStepUpField(name) || typeof value !== "string" ? [] : [[name, value] as const],
  );
}
