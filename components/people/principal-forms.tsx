"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActionDialog, type ConfirmedAction } from "@/components/ui/forms/action-dialog";
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
  /** The typed values by which people and other systems identify it. */
  onTyped?: (name: "displayName" | "email" | "externalId", typed: string) => void;
}) {
  const { onTyped } = props;
  return (
    <>
      <TextField
        label="Name"
        name="displayName"
        autoComplete="off"
        maxLength={limits.displayName}
        required
        defaultValue={props.displayName}
        onChange={(event) => onTyped?.("displayName", event.target.value)}
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
          onChange={(event) => onTyped?.("email", event.target.value)}
          hint="What they sign in with."
        />
      ) : null}
      <TextField
        label="External id"
        name="externalId"
        autoComplete="off"
        maxLength={limits.externalId}
        defaultValue={props.externalId ?? ""}
        onChange={(event) => onTyped?.("externalId", event.target.value)}
        hint="The id in another system, such as the object id in a directory. Optional."
      />
    </>
  );
}

/** The form for a new user, group or service principal. A new user's first sign-in is then shown instead of it. */
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

/** **Edit** for a principal's name, email and external id. Another email, external id or group name requires a code. */
export function EditPrincipal({
  principal,
  ...confirmed
}: ConfirmedAction & {
  principal: {
    id: string;
    type: PrincipalType;
    displayName: string;
    email: string | null;
    externalId: string | null;
    version: number;
  };
}) {
  const { displayName } = principal;
  const isGroup = principal.type === "Group";
  const shown = { displayName, email: principal.email ?? "", externalId: principal.externalId ?? "" };
  const [typed, setTyped] = useState(shown);
  const changes = (name: keyof typeof shown) => typed[name].trim() !== shown[name];
  return (
    <ActionDialog
      {...confirmed}
      needsCode={changes("email") || changes("externalId") || (isGroup && changes("displayName"))}
      label="Edit"
      title={`Edit ${isolated(principal.displayName)}`}
      description={`The log keeps the old and the new values. ${isGroup ? "Another name or external id takes" : principal.type === "User" ? "Another email or external id takes" : "Another external id takes"} a second factor.`}
      submitLabel="Save"
      returnPath={`/people/${principal.id}`}
      fields={{
        principalId: principal.id,
        expectedVersion: principal.version,
        shownEmail: shown.email,
        shownExternalId: shown.externalId,
        ...(isGroup ? { shownName: displayName } : {}),
      }}
      onClose={() => setTyped(shown)}
    >
      <Fields {...principal} onTyped={(name, text) => setTyped((was) => ({ ...was, [name]: text }))} />
    </ActionDialog>
  );
}
