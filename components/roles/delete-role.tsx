"use client";

import { useRouter } from "next/navigation";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** **Delete** for a custom role: asks first, then returns to the list. */
export function DeleteRole(props: {
  roleDefinitionId: string;
  roleName: string;
  back: string;
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const router = useRouter();
  return (
    <ConfirmButton
      label="Delete"
      title={`Delete ${isolated(props.roleName)}`}
      description="Only a role that nobody uses can be deleted. The log keeps its name."
      submit={async (form) => {
        const result = await props.submit(form);
        if (result.ok) router.push(props.back);
        return result;
      }}
      fields={{ roleDefinitionId: props.roleDefinitionId }}
    />
  );
}
