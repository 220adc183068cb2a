import { type RefObject, useLayoutEffect } from "react";
import { type FilledField, fillIn, isChoice } from "@/components/ui/forms/fill-field";
import { useScripted } from "@/components/ui/use-scripted";

const fields = "input:not([type=hidden], [type=file], [type=submit]), textarea, select";

/** The option that the server rendered as chosen, or the first one if it marked none. */
const drawnOption = (select: HTMLSelectElement) =>
  [...select.options].find((option) => option.defaultSelected) ?? select.options[0];

/** Repeats what somebody did to a field before the script ran. A field in its original state stays as it is. */
function repeat(field: FilledField) {
  if (isChoice(field)) {
    const { checked, defaultChecked } = field;
    // In a group of radio buttons, choosing one implies the state of the others.
    if (checked === defaultChecked || (field.type === "radio" && !checked)) return;
    field.checked = defaultChecked;
    fillIn(field, checked);
    return;
  }
  const { value } = field;
  if (field instanceof HTMLSelectElement) {
    const drawn = drawnOption(field)?.value;
    if (field.multiple || drawn === undefined || drawn === value) return;
    field.value = drawn;
    fillIn(field, value);
    return;
  }
  if (value === field.defaultValue) return;
  const { selectionStart, selectionEnd } = field;
  field.value = field.defaultValue;
  fillIn(field, value);
  if (selectionStart !== null) field.setSelectionRange(selectionStart, selectionEnd);
}

/**
 * Keeps what was chosen and typed before the page's script ran. When React takes over the page, it keeps the
 * contents of the fields but does not know about them. So a list that decides which fields follow would fall
 * back to its first choice.
 */
export function useEarlyInput(content: RefObject<HTMLElement | null>) {
  // True from the start if React rendered the fields itself.
  const drawnHere = useScripted();
  useLayoutEffect(() => {
    if (drawnHere) return;
    for (const field of content.current?.querySelectorAll<FilledField>(fields) ?? []) repeat(field);
  }, [content, drawnHere]);
}
