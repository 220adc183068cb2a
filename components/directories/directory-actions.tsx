"use client";

import { useState } from "react";
import { ShownOnce } from "@/components/people/shown-once";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { SelectField, TextField } from "@/components/ui/forms/field";
import { tokenDays } from "@/lib/domain/directories/directory";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

interface Protected {
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly hasFactor: boolean;
}

const page = "/organisation/directories";

/** A dialog that takes a code, and shows a new token once. */
function CodeDialog(
  props: Protected & {
    label: string;
    subject?: string;
    title: string;
    description: string;
    primary?: boolean;
    danger?: boolean;
    children: React.ReactNode;
  },
) {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<Extract<FormOutcome, { ok: true }> | null>(null);
  const submit = async (form: FormData) => {
    const result = await props.submit(form);
    if (result.ok && result.secret) setMade(result);
    return result;
  };
  const close = () => {
    setOpen(false);
    setMade(null);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? setOpen(true) : close())}
      title={props.title}
      description={props.description}
      trigger={
        <button
          type="button"
          className={`button ${props.primary ? "button-primary" : ""}`}
          aria-label={props.subject ? `${props.label} ${props.subject}` : undefined}
        >
          {props.label}
        </button>
      }
    >
      {made?.secret ? (
        <ShownOnce {...made.secret}>
          <button type="button" className="button button-primary" onClick={close}>
            I have stored it
          </button>
        </ShownOnce>
      ) : (
        <DialogForm
          submit={submit}
          prepare={props.prepare}
          needsCode
          hasFactor={props.hasFactor}
          submitLabel={props.label}
          danger={props.danger}
          returnPath={page}
          onDone={(outcome) => {
            if (!outcome.secret) close();
          }}
          onCancel={close}
        >
          {props.children}
        </DialogForm>
      )}
    </Dialog>
  );
}

function TokenDays() {
  return (
    <SelectField label="Token is good for" name="days" defaultValue="365">
      {tokenDays.map((days) => (
        <option key={days} value={days}>
          {days} days
        </option>
      ))}
    </SelectField>
  );
}

export function CreateDirectory(props: Protected) {
  return (
    <CodeDialog
      {...props}
      label="Create directory"
      title="Create a directory"
      description="Its token lets an identity provider create, change and disable people and groups here. It is shown once."
      primary
    >
      <TextField label="Name" name="name" required maxLength={256} placeholder="Contoso Entra ID" />
      <TokenDays />
    </CodeDialog>
  );
}

interface OfDirectory {
  readonly directory: { readonly id: string; readonly name: string };
}

export function ReplaceToken({ directory, ...props }: Protected & OfDirectory) {
  return (
    <CodeDialog
      {...props}
      label="Replace token"
      subject={`of ${isolated(directory.name)}`}
      title={`Replace the token of ${isolated(directory.name)}`}
      description="The token in use stops working at once. The new one is shown once."
    >
      <input type="hidden" name="directoryId" value={directory.id} />
      <TokenDays />
    </CodeDialog>
  );
}

/** Lets a directory take over somebody who was here before, or takes them out of theirs (`directory` is null). */
export function HandOver({
  principal,
  directory,
  ...props
}: Protected & {
  readonly principal: PrincipalIdentity;
  readonly directory: OfDirectory["directory"] | null;
}) {
  const who = principalText(principal);
  return (
    <CodeDialog
      {...props}
      label={directory ? "Let it take over" : "Take out of directory"}
      subject={directory ? who : undefined}
      title={
        directory ? `Let ${isolated(directory.name)} take over ${who}` : `Take ${who} out of its directory`
      }
      description={
        directory
          ? "From then on the directory decides the names, whether it is enabled, and who is in the group. It cannot be edited here."
          : "It stays as it is, and is edited here again. The directory no longer sees it, and is refused if it creates it once more."
      }
    >
      <input type="hidden" name="principalId" value={principal.id} />
      <input type="hidden" name="directoryId" value={directory?.id ?? ""} />
    </CodeDialog>
  );
}
