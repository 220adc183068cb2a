"use client";

import { useRouter } from "next/navigation";
import type { Choice } from "@/components/assignments/multi-select";
import { ActionFinder } from "@/components/roles/action-finder";
import { TextAreaField, TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import type { Permission } from "@/lib/domain/roles/permissions";
import { type PermissionPart, permissionParts } from "@/lib/domain/roles/role-definition";
import { limits } from "@/lib/domain/text/limits";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

const hints: Record<PermissionPart, string> = {
  actions: "One pattern per line, such as Microsoft.Web/sites/* or */read.",
  notActions: "Excluded from the actions.",
  dataActions: "What the role allows with the data inside a resource.",
  notDataActions: "Excluded from the data actions.",
};

/** The form for a new or edited custom role. */
export function RoleDefinitionForm(props: {
  initial: {
    roleName: string;
    description: string;
    permission: Permission;
    assignableScopes: readonly string[];
  };
  /** The role to edit; null for a new one. */
  edited: { id: string; version: number; uses: number } | null;
  resourceId: string;
  hasFactor: boolean;
  /** Actions of the organisation's own types, offered before anything is searched for. */
  suggested: readonly Choice[];
  findActions: (resourceId: string, search: string) => Promise<readonly Choice[]>;
  back: string;
  returnPath: string;
  submit: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const router = useRouter();
  const { initial, edited } = props;
  const submit = async (form: FormData) => {
    const result = await props.submit(form);
    if (result.ok) router.push(result.next ?? props.back);
    return result;
  };
  return (
    <ProtectedForm
      submit={submit}
      prepare={props.prepare}
      needsCode={false}
      hasFactor={props.hasFactor}
      submitLabel={edited ? "Save" : "Create"}
      returnPath={props.returnPath}
      onCancel={() => router.push(props.back)}
    >
      <input type="hidden" name="resourceId" value={props.resourceId} />
      {edited ? (
        <>
          <input type="hidden" name="roleDefinitionId" value={edited.id} />
          <input type="hidden" name="expectedVersion" value={edited.version} />
        </>
      ) : null}
      <TextField
        label="Name"
        name="roleName"
        defaultValue={initial.roleName}
        maxLength={limits.roleName}
        autoComplete="off"
        required
      />
      <TextAreaField label="Description" name="description" defaultValue={initial.description} />
      <div className="grid gap-4 lg:grid-cols-2">
        {(Object.keys(permissionParts) as PermissionPart[]).map((part) => (
          <TextAreaField
            key={part}
            label={permissionParts[part]}
            name={part}
            hint={hints[part]}
            rows={part === "actions" || part === "notActions" ? 8 : 4}
            spellCheck={false}
            className="input font-mono"
            defaultValue={initial.permission[part].join("\n")}
          />
        ))}
      </div>
      <ActionFinder
        suggested={props.suggested}
        search={(text) => props.findActions(props.resourceId, text)}
      />
      <TextAreaField
        label="Assignable scopes"
        name="assignableScopes"
        rows={3}
        spellCheck={false}
        className="input font-mono"
        hint="One scope per line. The role can be assigned there and below."
        defaultValue={initial.assignableScopes.join("\n")}
      />
      {edited && edited.uses > 0 ? (
        <>
          <p className="text-muted">
            {edited.uses === 1 ? "One assignment uses" : `${edited.uses} assignments use`} this role. To allow
            more, you need the same rights and codes as for assigning it to them.
          </p>
          <TextAreaField label="Justification" name="justification" maxLength={2000} />
        </>
      ) : null}
    </ProtectedForm>
  );
}
