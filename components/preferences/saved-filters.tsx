"use client";

import { useState } from "react";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { Dialog } from "@/components/ui/dialog";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { TextField } from "@/components/ui/forms/dialog-fields";
import { Icon } from "@/components/ui/icon";
import { Name } from "@/components/ui/name";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

interface Filter {
  readonly id: string;
  readonly name: string;
  /** The query string of the address. */
  readonly query: string;
}

type Submit = (form: FormData) => Promise<FormOutcome>;

/** Named filters. Each applies with one click. The current one can be saved, and saved ones renamed or deleted. */
export function SavedFilters(props: {
  list: string;
  base: string;
  current: string;
  filters: readonly Filter[];
  keep: Submit;
  rename: Submit;
  remove: Submit;
}) {
  const { base, current, filters } = props;
  const kept = filters.some((filter) => filter.query === current);
  if (filters.length === 0 && current === "") return null;
  return (
    <section aria-label="Saved filters" className="mb-3 flex flex-wrap items-center gap-2">
      <Icon name="bookmark" size={16} className="shrink-0 text-muted max-sm:hidden" />
      {filters.map((filter) => (
        <a
          key={filter.id}
          className="chip"
          title={visible(filter.name)}
          href={filter.query ? `${base}?${filter.query}` : base}
          aria-current={filter.query === current ? "true" : undefined}
        >
          <span className="min-w-0 truncate">
            <Name of={filter.name} />
          </span>
        </a>
      ))}
      {current !== "" && !kept ? (
        <NameDialog
          label="Save this filter"
          title="Save this filter"
          description="Only you see it. A filter with the same name is replaced."
          fields={{ list: props.list, query: current }}
          submit={props.keep}
          submitLabel="Save"
        />
      ) : null}
      {filters.length > 0 ? <Manage {...props} /> : null}
    </section>
  );
}

function Manage(props: { filters: readonly Filter[]; rename: Submit; remove: Submit }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Saved filters"
      description="Rename or delete your saved filters for this list."
      trigger={
        <button type="button" className="button button-quiet">
          Manage
        </button>
      }
    >
      <ul className="grid divide-y divide-line">
        {props.filters.map((filter) => (
          <li key={filter.id} className="flex flex-wrap items-center gap-2 py-2">
            <span className="min-w-0 flex-1 wrap-anywhere">
              <Name of={filter.name} />
            </span>
            <NameDialog
              label="Rename"
              subject={isolated(filter.name)}
              title={`Rename ${isolated(filter.name)}`}
              description="The filter itself does not change."
              fields={{ filterId: filter.id }}
              initial={filter.name}
              submit={props.rename}
            />
            <ConfirmButton
              label="Delete"
              title={`Delete ${isolated(filter.name)}?`}
              description={`The filter ${isolated(filter.name)} is deleted. The items that it shows do not change.`}
              submit={props.remove}
              fields={{ filterId: filter.id }}
            />
          </li>
        ))}
      </ul>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => setOpen(false)}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function NameDialog({
  initial,
  ...props
}: Pick<
  React.ComponentProps<typeof ActionDialog>,
  "label" | "subject" | "title" | "description" | "fields" | "submit" | "submitLabel"
> & { initial?: string }) {
  return (
    <ActionDialog {...props} focusOn="first">
      <TextField label="Name" name="name" maxLength={60} defaultValue={initial} />
    </ActionDialog>
  );
}
