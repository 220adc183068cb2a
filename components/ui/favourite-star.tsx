"use client";

import { useTransition } from "react";
import { Icon } from "@/components/ui/icon";
import { toast } from "@/components/ui/toast";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** Submits a small form from a button, and says what went wrong. */
export function useSubmit(submit: (form: FormData) => Promise<FormOutcome>) {
  const [pending, start] = useTransition();
  const send = (fields: Readonly<Record<string, string>>) => {
    if (pending) return;
    start(async () => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      const outcome = await submit(form).catch(() => null);
      if (outcome === null) toast.error("The server did not answer. Try again.");
      else if (!outcome.ok) toast.error(visibleSentence(outcome.message));
    });
  };
  return { pending, send };
}

/** A star that adds something to the reader's favourites, or removes it. */
export function FavouriteStar(props: {
  /** What is starred, in words. */
  readonly subject: string;
  readonly favourite: boolean;
  /** What is starred, in the form that the action reads. */
  readonly fields: Readonly<Record<string, string>>;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly className: string;
  readonly size: number;
}) {
  const { favourite } = props;
  const { pending, send } = useSubmit(props.submit);
  return (
    <button
      type="button"
      className={props.className}
      aria-label={`Favourite: ${props.subject}`}
      aria-pressed={favourite}
      aria-busy={pending}
      title={favourite ? "Remove from favourites" : "Add to favourites"}
      onClick={() => send({ ...props.fields, favourite: favourite ? "" : "1" })}
    >
      <Icon name="star" size={props.size} className={favourite ? "fill-current" : "text-muted"} />
    </button>
  );
}
