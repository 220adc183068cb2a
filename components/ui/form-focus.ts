import { type RefObject, useEffect } from "react";
import type { Refused } from "@/lib/web/form-outcome";

type FormReference = RefObject<HTMLFormElement | null>;

/** Where the focus goes when a form appears: nowhere, to the first field, or to the code. */
export type FocusOn = "first" | "code" | undefined;

export function useFirstFocus(form: FormReference, focusOn: FocusOn) {
  useEffect(() => {
    if (!focusOn || !form.current) return;
    const fields = [...form.current.querySelectorAll<HTMLElement>("input, select, textarea, button")];
    const wanted =
      focusOn === "code"
        ? fields.find((field) => field.matches("[name=code], [type=submit]"))
        : fields.find((field) => !field.matches("[type=hidden]"));
    wanted?.focus();
  }, [form, focusOn]);
}

/** Focuses the first field with an error, before the code. What has the focus then is scrolled into view. */
export function useFocusOnFault(form: FormReference, refusal: Refused | null) {
  useEffect(() => {
    if (!refusal || !form.current) return;
    form.current.querySelector<HTMLElement>("[aria-invalid=true]:not([name=code])")?.focus();
    const { activeElement } = document;
    if (form.current.contains(activeElement)) activeElement?.scrollIntoView({ block: "nearest" });
  }, [form, refusal]);
}
