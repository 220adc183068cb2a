import { type RefObject, useEffect, useEffectEvent } from "react";
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

/** A field of a form, with the facts that decide whether a draft may fill it in. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/**
 * The values of a kept draft for the fields of a form, in their order. Hidden fields are left out: the form may
 * be about another row or request by now, and fills these in itself.
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

type Draft = ReturnType<typeof readDraft>;

function fillDraft(form: HTMLFormElement, draft: Draft) {
  const fields = [...form.querySelectorAll<FilledField>("input[name], textarea[name], select[name]")];
  for (const [field, value] of drafted(fields, draft)) fillIn(field, value);
}

/** The name under which a draft stores the search texts that find a field's choices again. */
const wordsOf = (name: string) => `${name} found by`;
const chosenIn = (form: HTMLFormElement) => form.querySelectorAll<HTMLInputElement>("input[data-found-by]");
const draftedChoices = "drafted-choices";

/** What was chosen from a search: the texts that find it again. Nothing else is stored, since it may have changed. */
export interface DraftedChoice {
  readonly id: string;
  readonly words: string;
}

/** The choices of a draft in the field of this name. */
export function choicesInDraft(draft: Draft, name: string): DraftedChoice[] {
  const of = (wanted: string) => draft.find(([each]) => each === wanted)?.[1] ?? "";
  const words = readDraft(of(wordsOf(name)));
  return of(name)
    .split(",")
    .flatMap((id) => {
      const found = words.find(([each]) => each === id);
      return found ? [{ id, words: found[1] }] : [];
    });
}

/** Chooses again in a field (`data-found-by`) what a draft of its form contains. */
export function useDraftedChoices(
  field: RefObject<HTMLInputElement | null>,
  choose: (choices: readonly DraftedChoice[]) => void,
) {
  const chosen = useEffectEvent(choose);
  useEffect(() => {
    const { current } = field;
    const listen = (event: Event) => {
      if (event instanceof CustomEvent) chosen(event.detail);
    };
    current?.addEventListener(draftedChoices, listen);
    return () => current?.removeEventListener(draftedChoices, listen);
  }, [field]);
}

/**
 * Where a draft is stored. Several dialogs of one page may lead back to it, and what was typed in one must not
 * appear in another.
 */
export function draftKey(returnPath: string, dialog: string): string {
  return `postern-draft:${returnPath}${dialog === "" ? "" : ` ${dialog}`}`;
}

/**
 * Keeps what was typed while its author sets up an authenticator app, and fills it in once when they come back
 * to the same form at `returnPath`. Returns the function that keeps it.
 */
export function useDraft(
  form: RefObject<HTMLFormElement | null>,
  returnPath: string,
  dialog: string,
): () => void {
  const key = draftKey(returnPath, dialog);
  useEffect(() => {
    const draft = readDraft(sessionStorage.getItem(key));
    sessionStorage.removeItem(key);
    const { current } = form;
    if (!current || draft.length === 0) return;
    for (const field of chosenIn(current)) {
      const detail = choicesInDraft(draft, field.name);
      if (detail.length > 0) field.dispatchEvent(new CustomEvent(draftedChoices, { detail }));
    }
    fillDraft(current, draft);
    // A choice may have brought further fields, which exist once it is rendered.
    const later = setTimeout(() => fillDraft(current, draft));
    return () => clearTimeout(later);
  }, [form, key]);
  return () => {
    if (!form.current) return;
    const data = new FormData(form.current);
    // Values that the form computed are computed again, since an end now counts from a later moment.
    for (const { name } of form.current.querySelectorAll<FilledField>("[data-computed] [name]"))
      data.delete(name);
    for (const { name, dataset } of chosenIn(form.current)) data.set(wordsOf(name), dataset.foundBy ?? "");
    sessionStorage.setItem(key, draftText(data));
  };
}
