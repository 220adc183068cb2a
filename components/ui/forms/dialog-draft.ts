import { type FilledField as Field, fillIn, isChoice } from "@/components/ui/forms/fill-field";
import { isStepUpField } from "@/components/ui/forms/typed-fields";

type Draft = ReadonlyMap<string, readonly string[]>;

/** Kept in memory until the page is left, so that a draft reaches nobody else and no disk. */
const drafts = new Map<string, Draft>();

/** What a person fills in, without codes, passwords, files and searches. */
function isKept(element: Element): element is Field {
  if (!(element instanceof HTMLElement) || !element.matches("input[name], textarea[name], select[name]"))
    return false;
  const field = element as Field;
  return (
    !isStepUpField(field.name) &&
    !["hidden", "password", "file", "search", "submit"].includes(field.type) &&
    !field.disabled
  );
}

function fieldsIn(content: HTMLElement): Field[] {
  return [...content.querySelectorAll("input, textarea, select")].filter(isKept);
}

/** Keeps the fields that somebody changed, by their names. */
export function keepDraft(key: string, content: HTMLElement, changed: ReadonlySet<string>) {
  const draft = new Map<string, string[]>();
  for (const field of fieldsIn(content)) {
    if (!changed.has(field.name)) continue;
    const values = draft.get(field.name) ?? [];
    if (!isChoice(field) || field.checked) values.push(field.value);
    draft.set(field.name, values);
  }
  if (draft.size > 0) drafts.set(key, draft);
}

export function forgetDraft(key: string) {
  drafts.delete(key);
}

/**
 * Fills in a draft, each field once, as soon as it exists, since a choice may bring further fields. Stops when
 * somebody types. Returns the names of the fields that are filled in, now and later.
 */
export function fillInDraft(key: string, content: HTMLElement, onFilled: (name: string) => void): () => void {
  const draft = drafts.get(key);
  if (!draft) return () => undefined;
  const open = new Set(draft.keys());
  const fill = () => {
    for (const field of fieldsIn(content)) {
      const values = draft.get(field.name);
      if (!values || !open.has(field.name)) continue;
      const same = fieldsIn(content).filter(({ name }) => name === field.name);
      open.delete(field.name);
      onFilled(field.name);
      for (const each of same) fillIn(each, isChoice(each) ? values.includes(each.value) : (values[0] ?? ""));
    }
    if (open.size === 0) end();
  };
  const watch = new MutationObserver(fill);
  const typed = (event: Event) => {
    if (event.isTrusted) end();
  };
  const end = () => {
    watch.disconnect();
    content.removeEventListener("input", typed);
  };
  watch.observe(content, { childList: true, subtree: true });
  content.addEventListener("input", typed);
  fill();
  return end;
}
