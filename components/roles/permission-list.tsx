import { Fragment } from "react";
import type { Permission } from "@/lib/domain/roles/permissions";
import { type PermissionPart, permissionParts } from "@/lib/domain/roles/role-definition";

/** An operation, which breaks after a slash if it does not fit a line. */
function Operation({ of }: { of: string }) {
  return of.split(/(?<=\/)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, which never move.
    <Fragment key={index}>
      {index > 0 ? <wbr /> : null}
      {part}
    </Fragment>
  ));
}

/** What a role allows and excludes. */
export function PermissionList({ permissions }: { permissions: readonly Permission[] }) {
  return (
    <div className="grid gap-4">
      {permissions.map((permission, index) => (
        <dl key={JSON.stringify(permission)} className="grid gap-3">
          {permissions.length > 1 ? <dt className="font-semibold">Permission {index + 1}</dt> : null}
          {(Object.keys(permissionParts) as PermissionPart[])
            .filter((part) => permission[part].length > 0)
            .map((part) => (
              <div key={part}>
                <dt className="text-muted">
                  {permissionParts[part]} ({permission[part].length})
                </dt>
                <dd className="mt-1 max-h-72 overflow-y-auto rounded-md bg-sunken p-2" tabIndex={0}>
                  <ul className="grid gap-0.5">
                    {permission[part].map((pattern) => (
                      <li key={pattern}>
                        <code>
                          <Operation of={pattern} />
                        </code>
                      </li>
                    ))}
                  </ul>
                </dd>
              </div>
            ))}
        </dl>
      ))}
    </div>
  );
}
