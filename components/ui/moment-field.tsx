"use client";

import { useContext, useState } from "react";
import { FieldErrors, TextField } from "@/components/ui/field";

function localText(iso: string): string {
  if (!iso) return "";
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * A date and time in the reader's zone; what is submitted under `name` is ISO 8601 in UTC, or empty. What was wrong
 * with `name` stands beside the field in which it was typed.
 */
export function MomentField(props: { name: string; label: string; hint?: string; initial?: string }) {
  const [iso, setIso] = useState(props.initial ?? "");
  const errors = useContext(FieldErrors);
  const typedName = `${props.name}Local`;
  const error = errors[typedName] ?? errors[props.name];
  return (
    <div suppressHydrationWarning>
      <input type="hidden" name={props.name} value={iso} />
      <FieldErrors value={error ? { ...errors, [typedName]: error } : errors}>
        <TextField
          name={typedName}
          label={props.label}
          hint={props.hint}
          type="datetime-local"
          defaultValue={localText(iso)}
          onChange={(event) => {
            const value = event.currentTarget.value;
            setIso(value ? new Date(value).toISOString() : "");
          }}
        />
      </FieldErrors>
    </div>
  );
}
