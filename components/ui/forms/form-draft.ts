import { type RefObject, useEffect } from "react";
import { type FilledField, fillIn } from "@/components/ui/forms/fill-field";
import { typedFields } from "@/components/ui/forms/typed-fields";

/** A draft in the browser: what was typed, without any code. */
export function draftText(form: FormData): string {
  return JSON.stringify(typedFields(form));
}

/** The fields of a kept draft. Empty if it cannot be read. */
export function readDraft(text: string | null): (readonly [name: string, value: string])[] {
  let read: unknown;
  try {
    read = JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
  if (!Array.isArray(read)) return [];
  return read.flatMap((pair: unknown) => {
    const [name, value]: unknown[] = Array.isArray(pair) ? pair : [];
    return typeof name === "string" && typeof value === "string" ? [[name, value] as const] : [];
  });
}

/** A field of a form, with the little that decides whether a draft may fill it in. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/**
 * What a kept draft says of the fields of a form, in their order. What nobody sees is left out: the form may be of another
 * row or request by now, and says which itself.
 */
export function drafted<Of extends Field>(
  fields: readonly Of[],
  draft: readonly (readonly [name: string, value: string])[],
): (readonly [field: Of, value: string | boolean])[] {
  return fields.flatMap((field) => {
    const values = draft.filter(([name]) => name === field.name).map(([, value]) => value);
    const [first] = values;
    if (first === undefined || field.type === "hidden") return [];
    const choice = field.type === "checkbox" || field.type === "radio";
    return [[field, choice ? values.includes(field.value) : first] as const];
  });
}

function fillDraft(form: HTMLFormElement, draft: readonly (readonly [name: string, value: string])[]) {
  const fields = [...form.querySelectorAll<FilledField>("input[name], textarea[name], select[name]")];
  for (const [field, value] of drafted(fields, draft)) fillIn(field, value);
}

/**
 * Keeps what was typed while its author sets up an authenticator app, and fills it in when they come back to
 * `returnPath`, once. Answers what keeps it.
 */
export function useDraft(form: RefObject<HTMLFormElement | null>, returnPath: string): () => void {
  const key = `postern-draft:${returnPath}`;
  useEffect(() => {
    const draft = readDraft(sessionStorage.getItem(key));
    sessionStorage.removeItem(key);
    if (form.current) fillDraft(form.current, draft);
  }, [form, key]);
  return () => {
    if (form.current) sessionStorage.setItem(key, draftText(new FormData(form.current)));
  };
}
