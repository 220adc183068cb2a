"use client";

import { useContext, useEffect, useRef } from "react";
import { FieldErrors, TextField } from "@/components/ui/forms/field";
import { useOtherZone, useReaderTimes } from "@/components/ui/reader-times";
import { momentTyped, typedIn } from "@/lib/domain/time/typed-in-zone";
import { zoneInWords } from "@/lib/domain/time/zone-names";
import { typedMomentName, unreadMoment } from "@/lib/web/typed-moment";

function localText(iso: string, zone: string): string {
  const date = new Date(iso);
  // Empty, or the text of a draft's moment that could not be read.
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9998) return "";
  return typedIn(date, zone);
}

/**
 * The field's current value in ISO 8601 and UTC; empty if nothing is typed, `unreadMoment` if it is not a valid time.
 */
function shownMoment(input: HTMLInputElement, zone: string): string {
  if (input.validity.badInput) return unreadMoment;
  if (input.value === "") return "";
  // Some browsers read a year of five digits as another one.
  if (!/^\d{4}-/.test(input.value)) return unreadMoment;
  return momentTyped(input.value, zone)?.toISOString() ?? unreadMoment;
}

/**
 * A date and time in the reader's zone, which it names if that is not the browser's. The form submits `name` in ISO
 * 8601 and UTC, or empty. The value is read at each submission, so that it always matches the screen. An incomplete or
 * impossible date is refused, and never treated as empty. The error of `name` is shown beside the field.
 */
export function MomentField(props: { name: string; label: string; hint?: string; initial?: string }) {
  const { name } = props;
  const { zone } = useReaderTimes();
  const other = useOtherZone();
  const frame = useRef<HTMLDivElement>(null);
  const errors = useContext(FieldErrors);
  const typedName = typedMomentName(name);
  const error = errors[typedName] ?? errors[name];

  useEffect(() => {
    const input = frame.current?.querySelector("input");
    const form = input?.form;
    if (!input || !form) return;
    const tell = (event: FormDataEvent) => event.formData.set(name, shownMoment(input, zone));
    form.addEventListener("formdata", tell);
    return () => form.removeEventListener("formdata", tell);
  }, [name, zone]);

  return (
    <div ref={frame} suppressHydrationWarning>
      <FieldErrors value={error ? { ...errors, [typedName]: error } : errors}>
        <TextField
          name={typedName}
          label={props.label}
          hint={[props.hint, other && `In ${zoneInWords(other)}.`].filter(Boolean).join(" ") || undefined}
          type="datetime-local"
          max="9998-12-31T23:59"
          defaultValue={localText(props.initial ?? "", zone)}
        />
      </FieldErrors>
    </div>
  );
}
