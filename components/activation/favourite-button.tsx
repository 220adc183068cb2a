"use client";

import { useTransition } from "react";
import { Icon } from "@/components/ui/icon";
import { toast } from "@/components/ui/toast";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

interface RoleAtScope {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  /** Role and resource, for screen readers. */
  readonly subject: string;
}

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

function useSubmit(submit: (form: FormData) => Promise<FormOutcome>) {
  const [pending, start] = useTransition();
  const send = (fields: Record<string, string>) =>
    start(async () => {
      const outcome = await submit(formOf(fields)).catch(() => null);
      if (outcome === null) toast.error("The server did not answer. Try again.");
      else if (!outcome.ok) toast.error(visibleSentence(outcome.message));
    });
  return { pending, send };
}

/** Adds a role at a scope to the favourites, or removes it. */
export function FavouriteButton(
  props: RoleAtScope & { favourite: boolean; submit: (form: FormData) => Promise<FormOutcome> },
) {
  const { pending, send } = useSubmit(props.submit);
  const { roleDefinitionId, resourceId } = props;
  return (
    <button
      type="button"
      className="button button-quiet px-2"
      aria-label={`Favourite: ${props.subject}`}
      aria-pressed={props.favourite}
      aria-busy={pending}
      title={props.favourite ? "Remove from favourites" : "Add to favourites"}
      onClick={() => {
        if (!pending) send({ roleDefinitionId, resourceId, favourite: props.favourite ? "" : "1" });
      }}
    >
      <Icon name="star" size={17} className={props.favourite ? "fill-current text-warning" : "text-muted"} />
    </button>
  );
}

/** Moves a favourite one place up. */
export function RaiseFavouriteButton(
  props: RoleAtScope & { submit: (form: FormData) => Promise<FormOutcome> },
) {
  const { pending, send } = useSubmit(props.submit);
  const { roleDefinitionId, resourceId } = props;
  return (
    <button
      type="button"
      className="button button-quiet px-2"
      aria-label={`Move up: ${props.subject}`}
      aria-busy={pending}
      title="Move up"
      onClick={() => {
        if (!pending) send({ roleDefinitionId, resourceId });
      }}
    >
      <Icon name="arrow-up" size={17} className="text-muted" />
    </button>
  );
}
