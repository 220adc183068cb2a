"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { SelectField, TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { ShownOnce } from "@/components/ui/forms/shown-once";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { limits } from "@/lib/domain/text/limits";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;

function Fields(props: {
  type: PrincipalType;
  displayName?: string;
  email?: string | null;
  externalId?: string | null;
}) {
  return (
    <>
      <TextField
        label="Name"
        name="displayName"
        autoComplete="off"
        maxLength={limits.displayName}
        required
        defaultValue={props.displayName}
      />
      {props.type === "User" ? (
        <TextField
          label="Email"
          name="email"
          type="email"
          autoComplete="off"
          maxLength={320}
          required
          defaultValue={props.email ?? ""}
          hint="What they sign in with."
        />
      ) : null}
      <TextField
        label="External id"
        name="externalId"
        autoComplete="off"
        maxLength={limits.externalId}
        defaultValue={props.externalId ?? ""}
        hint="Its id in another system, such as the object id in a directory. Optional."
      />
    </>
  );
}

/** The form for a new user, group or service principal. A new user's first sign-in is shown in its place. */
export function CreatePrincipal(props: { type: PrincipalType; create: Submit }) {
  const router = useRouter();
  const [made, setMade] = useState<Extract<FormOutcome, { ok: true }> | null>(null);
  const submit: Submit = async (form) => {
    const result = await props.create(form);
    if (result.ok) {
      if (result.secret) setMade(result);
      else router.push(result.next ?? "/people");
    }
    return result;
  };
  if (made?.secret) {
    return (
      <ShownOnce {...made.secret}>
        <button
          type="button"
          className="button button-primary"
          onClick={() => router.push(made.next ?? "/people")}
        >
          I have stored it
        </button>
      </ShownOnce>
    );
  }
  return (
    <ProtectedForm
      submit={submit}
      submitLabel="Create"
      returnPath={`/people/new?type=${props.type}`}
      onCancel={() => router.push(`/people?type=${props.type}`)}
    >
      <input type="hidden" name="type" value={props.type} />
      <Fields type={props.type} />
      {props.type === "User" ? (
        <SelectField
          label="First sign-in"
          name="signIn"
          defaultValue="Invitation"
          hint="Either way, they must choose their own password first."
        >
          <option value="Invitation">Invitation link</option>
          <option value="OneTimePassword">One-time password</option>
          <option value="None">None yet</option>
        </SelectField>
      ) : null}
    </ProtectedForm>
  );
}

/** **Edit** for a principal's name, email and external id. */
export function EditPrincipal(props: {
  principal: {
    id: string;
    type: PrincipalType;
    displayName: string;
    email: string | null;
    externalId: string | null;
    version: number;
  };
  save: Submit;
}) {
  const { principal } = props;
  return (
    <ActionDialog
      label="Edit"
      title={`Edit ${isolated(principal.displayName)}`}
      description="The log keeps the old and the new values."
      submit={props.save}
      submitLabel="Save"
      returnPath={`/people/${principal.id}`}
    >
      <input type="hidden" name="principalId" value={principal.id} />
      <input type="hidden" name="expectedVersion" value={principal.version} />
      <Fields {...principal} />
    </ActionDialog>
  );
}
