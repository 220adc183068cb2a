"use client";

import { FormerNames } from "@/components/ui/former-names";
import { ActionDialog, type ConfirmedAction } from "@/components/ui/forms/action-dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";

export interface ActionProps extends ConfirmedAction {
  readonly principal: PrincipalIdentity;
}

/** A dialog about one principal, with a reason. */
export function PrincipalDialog({
  principal,
  danger,
  children,
  ...props
}: ActionProps & {
  label: string;
  title: string;
  description: string;
  needsCode: boolean;
  danger?: boolean;
  children?: React.ReactNode;
}) {
  return (
    <ActionDialog
      {...props}
      danger={danger}
      buttonClass={danger ? "button-danger" : undefined}
      returnPath={`/people/${principal.id}`}
    >
      <input type="hidden" name="principalId" value={principal.id} />
      <FormerNames of={principal} />
      {children}
      <TextAreaField label="Justification" name="justification" maxLength={2000} />
    </ActionDialog>
  );
}
