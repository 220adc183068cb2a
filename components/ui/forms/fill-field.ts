/** Something that a person fills in. */
export type FilledField = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

export const isChoice = (field: FilledField): field is HTMLInputElement =>
  field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");

/**
 * Fills in a field as a person would, so that its listeners run. The value of a check box or radio button is
 * whether it is chosen.
 */
export function fillIn(field: FilledField, value: string | boolean) {
  if (typeof value === "boolean") {
    if (field instanceof HTMLInputElement && field.checked !== value) field.click();
    return;
  }
  if (field.value === value) return;
  // React listens to the event, and overrides the setter of the field itself.
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set?.call(field, value);
  field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
}
