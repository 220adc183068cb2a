"use client";

import { FavouriteStar, useSubmit } from "@/components/ui/favourite-star";
import { Icon } from "@/components/ui/icon";
import type { FormOutcome } from "@/lib/web/form-outcome";

interface RoleAtScope {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  /** Role and resource, for screen readers. */
  readonly subject: string;
}

/** Adds a role at a scope to the favourites, or removes it. */
export function FavouriteButton(
  props: RoleAtScope & { favourite: boolean; submit: (form: FormData) => Promise<FormOutcome> },
) {
  const { subject, favourite, submit, ...fields } = props;
  return (
    <FavouriteStar
      {...{ subject, favourite, submit }}
      fields={{ roleDefinitionId: fields.roleDefinitionId, resourceId: fields.resourceId }}
      className="button button-quiet px-2"
      size={17}
    />
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
      onClick={() => send({ roleDefinitionId, resourceId })}
    >
      <Icon name="arrow-up" size={17} className="text-muted" />
    </button>
  );
}
