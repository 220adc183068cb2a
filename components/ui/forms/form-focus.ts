import { type RefObject, useEffect } from "react";
import type { Refused } from "@/lib/web/form-outcome";

type FormReference = RefObject<HTMLFormElement | null>;

/** Where the focus goes when a form appears: nowhere, to the first field, to the reason, or to the code. */
export type FocusOn = "first" | "reason" | "code" | undefined;

/** Focuses the code, or the button of the passkey, if it is requested. With `value` it is set first. */
export function focusCode(form: HTMLFormElement | null, value?: string) {
  const code = form?.elements.namedItem("code");
  if (!(code instanceof HTMLInputElement)) {
    form?.querySelector<HTMLElement>("[data-passkey]")?.focus();
    return;
  }
  if (value !== undefined) code.value = value;
  code.focus();
}

export function useFirstFocus(form: FormReference, focusOn: FocusOn) {
  useEffect(() => {
    if (!focusOn || !form.current) return;
    const fields = [...form.current.querySelectorAll<HTMLElement>("input, select, textarea, button")];
    const code = fields.find((field) => field.matches("[name=code], [data-passkey], [type=submit]"));
    const reason = fields.find((field) => field.matches("[name=justification]"));
    const wanted =
      focusOn === "code"
        ? code
        : focusOn === "reason"
          ? (reason ?? code)
          : fields.find((field) => !field.matches("[type=hidden]"));
    wanted?.focus();
  }, [form, focusOn]);
}

/**
 * Moves the focus to the page's content when a form, or another part of a page, disappears with the element
 * that had it, so that keyboard users continue from there. A dialog returns the focus by itself.
 */
export function useFocusWhenGone(part: RefObject<HTMLElement | null>) {
  useEffect(() => {
    if (part.current?.closest("[role=dialog]")) return;
    return () => {
      const { activeElement, body } = document;
      if (activeElement === null || activeElement === body)
        document.getElementById("main")?.focus({ preventScroll: true });
    };
  }, [part]);
}

/** A code that is asked for the first time appears with the focus in it, unless a field above it is wrong. */
export function useFocusOnAskedCode(form: FormReference, asked: string | null) {
  useEffect(() => {
    const wrong = form.current?.querySelector("[aria-invalid=true]:not([name=code])");
    if (asked !== null && !wrong) focusCode(form.current);
  }, [form, asked]);
}

/** Focuses the first field with an error, before the code. Whatever has the focus then is scrolled into view. */
export function useFocusOnFault(form: FormReference, refusal: Refused | null) {
  useEffect(() => {
    if (!refusal || !form.current) return;
    form.current.querySelector<HTMLElement>("[aria-invalid=true]:not([name=code])")?.focus();
    const { activeElement } = document;
    if (form.current.contains(activeElement)) activeElement?.scrollIntoView({ block: "nearest" });
  }, [form, refusal]);
}
