"use client";

import { ActionDialog, type ConfirmedAction } from "@/components/ui/forms/action-dialog";
import { SelectField, TextField } from "@/components/ui/forms/dialog-fields";
import { tokenDays } from "@/lib/domain/directories/directory";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";

const page = "/organisation/directories";

function TokenDays() {
  return (
    <SelectField label="Token is valid for" name="days" defaultValue="365">
      {tokenDays.map((days) => (
        <option key={days} value={days}>
          {days} days
        </option>
      ))}
    </SelectField>
  );
}

export function CreateDirectory(props: ConfirmedAction) {
  return (
    <ActionDialog
      {...props}
      needsCode
      returnPath={page}
      label="Create directory"
      title="Create a directory"
      description="Its token lets an identity provider create, change and disable people and groups here. It is shown once."
      buttonClass="button-primary"
    >
      <TextField label="Name" name="name" required maxLength={256} placeholder="Contoso Entra ID" />
      <TokenDays />
    </ActionDialog>
  );
}

interface OfDirectory {
  readonly directory: { readonly id: string; readonly name: string };
}

export function ReplaceToken({ directory, ...props }: ConfirmedAction & OfDirectory) {
  return (
    <ActionDialog
      {...props}
      needsCode
      returnPath={page}
      label="Replace token"
      subject={`of ${isolated(directory.name)}`}
      title={`Replace the token of ${isolated(directory.name)}`}
      description="The token in use stops working at once. The new one is shown once."
    >
      <input type="hidden" name="directoryId" value={directory.id} />
      <TokenDays />
    </ActionDialog>
  );
}

/** Lets a directory take over an existing principal, or takes them out of theirs (`directory` is null). */
export function HandOver({
  principal,
  directory,
  ...props
}: ConfirmedAction & {
  readonly principal: PrincipalIdentity;
  readonly directory: OfDirectory["directory"] | null;
}) {
  const who = principalText(principal);
  return (
    <ActionDialog
      {...props}
      needsCode
      returnPath={page}
      label={directory ? "Let it take over" : "Take out of directory"}
      subject={directory ? who : undefined}
      title={
        directory ? `Let ${isolated(directory.name)} take over ${who}` : `Take ${who} out of its directory`
      }
      description={
        directory
          ? "From then on the directory decides the names, whether it is enabled, and who is in the group. It cannot be edited here."
          : "It stays as it is, and can be edited here again. The directory no longer sees it, and is refused if it tries to create it again."
      }
    >
      <input type="hidden" name="principalId" value={principal.id} />
      <input type="hidden" name="directoryId" value={directory?.id ?? ""} />
    </ActionDialog>
  );
}
