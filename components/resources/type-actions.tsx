"use client";

import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { TextField } from "@/components/ui/forms/dialog-fields";
import { Icon } from "@/components/ui/icon";
import { type OwnType, type TypeIcon, typeIconNames, typeIcons } from "@/lib/domain/resources/own-type";
import { limits } from "@/lib/domain/text/limits";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;

function Fields(props: { displayName?: string; icon: TypeIcon }) {
  return (
    <>
      <TextField
        label="Name"
        name="displayName"
        required
        autoComplete="off"
        maxLength={limits.resourceTypeName}
        defaultValue={props.displayName}
        placeholder="Message queue"
        hint="The word for one resource of this type."
      />
      <fieldset>
        <legend className="label">Icon</legend>
        <div className="chips">
          {typeIconNames.map((name) => (
            <label key={name} className="chip" title={typeIcons[name]}>
              <input
                type="radio"
                className="sr-only"
                name="icon"
                value={name}
                defaultChecked={name === props.icon}
              />
              <Icon name={name} label={typeIcons[name]} />
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
}

export function AddType({ submit }: { submit: Submit }) {
  return (
    <ActionDialog
      submit={submit}
      label="Add type"
      title="Add a type of resources"
      description="Resources of this type can then be added anywhere but below Azure's own resources."
      buttonClass="button-primary"
      returnPath="/organisation/resource-types"
    >
      <Fields icon="box" />
      <TextField
        label="Word in the path"
        name="segment"
        required
        autoComplete="off"
        spellCheck={false}
        maxLength={40}
        placeholder="queues"
        hint="As in /queues/orders. It never changes."
      />
    </ActionDialog>
  );
}

export function EditType({ type, submit }: { type: OwnType & { version: number }; submit: Submit }) {
  return (
    <ActionDialog
      submit={submit}
      label="Edit"
      subject={isolated(type.displayName)}
      title={`Edit the type ${isolated(type.displayName)}`}
      description={`Its resources show the new name and icon at once. Paths keep the word ${type.segment}.`}
      fields={{ segment: type.segment, expectedVersion: type.version }}
      submitLabel="Save"
      returnPath="/organisation/resource-types"
    >
      <Fields displayName={type.displayName} icon={type.icon} />
    </ActionDialog>
  );
}
