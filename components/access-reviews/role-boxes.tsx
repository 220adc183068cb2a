"use client";

import { useContext, useId } from "react";
import { ErrorText } from "@/components/ui/forms/error-text";
import { FieldErrors } from "@/components/ui/forms/field";
import { Name } from "@/components/ui/name";
import type { RoleInUse } from "@/lib/queries/access-reviews/roles-in-use";

/** A check box for each role in use. None checked means all roles. */
export function RoleBoxes({ roles, below }: { roles: readonly RoleInUse[]; below: boolean }) {
  const id = useId();
  const error = useContext(FieldErrors).roleDefinitionIds;
  const shown = roles.filter((role) => role.here > 0 || below);
  return (
    <fieldset aria-describedby={error ? `${id}-error` : `${id}-hint`}>
      <legend className="label">Roles</legend>
      {shown.length === 0 ? (
        <p className="text-muted">There are no assignments here. There may be some below.</p>
      ) : (
        <div className="grid max-h-56 gap-1 overflow-y-auto rounded-md border border-line p-2">
          {shown.map((role) => (
            <label key={role.id} className="flex items-center gap-2">
              <input
                type="checkbox"
                className="size-4 accent-(--accent)"
                name="roleDefinitionIds"
                value={role.id}
              />
              <span className="grow">
                <Name of={role.roleName} />
              </span>
              <span className="text-muted tabular-nums">{role.here + (below ? role.below : 0)}</span>
            </label>
          ))}
        </div>
      )}
      <p id={`${id}-hint`} className="mt-1 text-muted">
        Select none to review every role. The number shows how many assignments there are.
      </p>
      <ErrorText id={`${id}-error`} of={error} />
    </fieldset>
  );
}
