import { type RefObject, useEffect } from "react";
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

/** A field of a form, or its radio buttons of one name, which have no type. */
interface Field {
  readonly type?: string;
  value: string;
  checked?: boolean;
}

interface Fields {
  readonly elements: { namedItem(name: string): unknown };
}

const isField = (element: unknown): element is Field =>
  typeof element === "object" && element !== null && "value" in element && typeof element.value === "string";

/**
 * Fills a kept draft into a form. What nobody sees is not filled in: the form may be of another row or request by now, and
 * says which itself.
 */
export function fillDraft(form: Fields, draft: readonly (readonly [name: string, value: string])[]): void {
  for (const [name, value] of draft) {
    const field = form.elements.namedItem(name);
    if (!isField(field) || field.type === "hidden") continue;
    if (field.type === "checkbox") field.checked = true;
    else field.value = value;
  }
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
