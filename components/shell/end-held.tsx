"use client";

import { ConfirmDialog } from "@/components/ui/confirm-button";
import { OutcomeList } from "@/components/ui/outcome-list";
import { isolated } from "@/lib/domain/text/visible-text";
import type { HeldRole } from "@/lib/queries/activation/held-roles";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** Asks before roles are deactivated, and names them. */
export default function EndHeld(props: {
  readonly roles: readonly HeldRole[];
  readonly deactivate: (form: FormData) => Promise<FormOutcome>;
  readonly deactivateSeveral: (form: FormData) => Promise<FormOutcome>;
  readonly onClose: () => void;
}) {
  const { roles } = props;
  const [only] = roles;
  if (!only) return null;
  const shared = { label: "Deactivate", open: true, onOpenChange: props.onClose };
  if (roles.length === 1)
    return (
      <ConfirmDialog
        {...shared}
        title={`Deactivate ${isolated(only.roleName)}?`}
        description={`You lose ${isolated(only.roleName)} on ${isolated(only.resourceName)} immediately. You can activate it again while you are eligible.`}
        submit={props.deactivate}
        fields={{ assignmentId: only.id }}
      />
    );
  return (
    <ConfirmDialog
      {...shared}
      confirmLabel="Deactivate all"
      title={`Deactivate ${roles.length} roles?`}
      description="You lose them immediately. You can activate them again while you are eligible."
      submit={props.deactivateSeveral}
      fields={{ assignmentIds: roles.map((role) => role.id).join(",") }}
    >
      <OutcomeList
        label="Roles"
        rows={roles.map((role) => ({
          id: role.id,
          name: `${isolated(role.roleName)} on ${isolated(role.resourceName)}`,
        }))}
        items={null}
      />
    </ConfirmDialog>
  );
}
