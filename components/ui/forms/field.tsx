"use client";

import { createContext, useContext, useId } from "react";
import { ErrorText } from "@/components/ui/forms/error-text";
import { Sentence } from "@/components/ui/name";

/** The errors of a form by field name. Each field shows its own. */
export const FieldErrors = createContext<Readonly<Record<string, string>>>({});

function useField(name: string, hint: string | undefined) {
  const id = useId();
  const error = useContext(FieldErrors)[name];
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return {
    id,
    error,
    props: { id, name, "aria-invalid": error ? true : undefined, "aria-describedby": describedBy },
  };
}

function Frame(props: {
  id: string;
  label: string;
  hint?: string;
  error?: string;
  children: React.ReactNode;
}) {
  return (
    <div>
      <label className="label" htmlFor={props.id}>
        <Sentence of={props.label} />
      </label>
      {props.children}
      {props.hint ? (
        <p id={`${props.id}-hint`} className="mt-1 text-muted wrap-anywhere">
          {props.hint}
        </p>
      ) : null}
      <ErrorText id={`${props.id}-error`} of={props.error} />
    </div>
  );
}

type Common = { label: string; name: string; hint?: string };

export function TextField({ label, hint, ...input }: Common & React.ComponentProps<"input">) {
  const field = useField(input.name, hint);
  return (
    <Frame id={field.id} label={label} hint={hint} error={field.error}>
      <input className="input" {...input} {...field.props} />
    </Frame>
  );
}

export function TextAreaField({ label, hint, ...input }: Common & React.ComponentProps<"textarea">) {
  const field = useField(input.name, hint);
  return (
    <Frame id={field.id} label={label} hint={hint} error={field.error}>
      <textarea className="input" rows={2} {...input} {...field.props} />
    </Frame>
  );
}

export function SelectField({ label, hint, ...input }: Common & React.ComponentProps<"select">) {
  const field = useField(input.name, hint);
  return (
    <Frame id={field.id} label={label} hint={hint} error={field.error}>
      <select className="input" {...input} {...field.props} />
    </Frame>
  );
}

export function CheckField({ label, hint, ...input }: Common & React.ComponentProps<"input">) {
  const field = useField(input.name, hint);
  return (
    <div>
      <label className="grid grid-cols-[auto_minmax(0,1fr)] content-center items-start gap-2">
        <input type="checkbox" className="mt-[0.2rem] size-4 accent-(--accent)" {...input} {...field.props} />
        <span className={`wrap-anywhere ${input.disabled ? "text-muted" : ""}`}>{label}</span>
      </label>
      {hint ? (
        <p id={`${field.id}-hint`} className="mt-1 text-muted">
          {hint}
        </p>
      ) : null}
      <ErrorText id={`${field.id}-error`} of={field.error} />
    </div>
  );
}
