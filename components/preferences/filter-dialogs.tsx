"use client";

import type { FilterActions, SavedFilter } from "@/components/preferences/saved-filter";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { Dialog } from "@/components/ui/dialog";
import { ActionDialog, HiddenFields } from "@/components/ui/forms/action-dialog";
import { DialogForm, TextField } from "@/components/ui/forms/dialog-fields";
import { draftOfDialog } from "@/components/ui/forms/draft-of-dialog";
import { Name } from "@/components/ui/name";
import { isolated } from "@/lib/domain/text/visible-text";

const openWhile = (onClose: () => void) => (open: boolean) => {
  if (!open) onClose();
};

/** Asks for the name of the present filter. */
export function SaveFilter(props: {
  readonly list: string;
  readonly query: string;
  readonly keep: FilterActions["keep"];
  readonly onClose: () => void;
}) {
  const title = "Save this filter";
  const fields = { list: props.list, query: props.query };
  return (
    <Dialog
      open
      onOpenChange={openWhile(props.onClose)}
      title={title}
      description="Only you see it. A filter with the same name is replaced."
    >
      <DialogForm
        submit={props.keep}
        submitLabel="Save"
        returnPath="/"
        dialog={draftOfDialog(title, fields)}
        focusOn="first"
        onDone={props.onClose}
        onCancel={props.onClose}
      >
        <HiddenFields of={fields} />
        <FilterName />
      </DialogForm>
    </Dialog>
  );
}

/** The saved filters of a list, each with **Rename** and **Delete**. */
export function ManageFilters(
  props: Pick<FilterActions, "rename" | "remove"> & {
    readonly filters: readonly SavedFilter[];
    readonly onClose: () => void;
  },
) {
  return (
    <Dialog
      open
      onOpenChange={openWhile(props.onClose)}
      title="Saved filters"
      description="Rename or delete your saved filters for this list."
    >
      <ul className="grid divide-y divide-line">
        {props.filters.map((filter) => (
          <li key={filter.id} className="flex flex-wrap items-center gap-2 py-2">
            <span className="min-w-0 flex-1 wrap-anywhere">
              <Name of={filter.name} />
            </span>
            <ActionDialog
              label="Rename"
              subject={isolated(filter.name)}
              title={`Rename ${isolated(filter.name)}`}
              description="The filter itself does not change."
              fields={{ filterId: filter.id }}
              submit={props.rename}
              focusOn="first"
            >
              <FilterName initial={filter.name} />
            </ActionDialog>
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
        <button type="button" className="button" onClick={props.onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function FilterName({ initial }: { readonly initial?: string }) {
  return <TextField label="Name" name="name" maxLength={60} defaultValue={initial} />;
}
