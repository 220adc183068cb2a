import type { Metadata } from "next";
import Link from "next/link";
import { trailInside } from "@/components/resources/resource-trail";
import { RolesMissing } from "@/components/roles/roles-missing";
import { RolesSearch } from "@/components/roles/roles-search";
import { ListFrame } from "@/components/ui/list-frame";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { RowMenu } from "@/components/ui/row-menu";
import { asksFreshCode, defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { listRoles, type RoleRow } from "@/lib/queries/roles/role-list";
import { pageLinks } from "@/lib/web/page-links";
import { openResource } from "../../open-resource";
import { rolesAddress, rolesFilter } from "../roles-filter";

export const metadata: Metadata = { title: "Role settings" };

export default async function RoleSettingsListPage({
  params,
  searchParams,
}: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, "readRoleSettings");
  const query = await searchParams;
  const filter = rolesFilter(query);
  const page = await listRoles(application().database, resource.id, filter);
  const base = `/resources/${resource.id}`;
  const list = `${base}/settings`;
  return (
    <>
      <PageHeader
        title="Role settings"
        trail={trailInside(resource)}
        description={`The settings of every role on ${isolated(resource.displayName)}. Stricter settings of a level above also apply.`}
      />
      <RolesSearch action={list} search={filter.search} used={filter.used} />
      {page.rows.length === 0 ? (
        <RolesMissing base={list} filter={filter} />
      ) : (
        <ListFrame
          label="Role settings"
          head={[
            "Role",
            "MFA on activation",
            "Approval",
            "MFA on direct assignment",
            "Maximum duration",
            "Last changed",
            ...(resource.may.writeRoleSettings ? ["Action"] : []),
          ]}
          total={{ count: page.total, most: page.total, one: "role", many: "roles" }}
          pages={pageLinks({
            query,
            cursor: "after",
            address: (after) => rolesAddress(list, filter, after ?? ""),
            next: page.next,
          })}
        >
          {page.rows.map((row) => (
            <SettingsRow
              key={row.id}
              row={row}
              href={`${base}/roles/${row.id}/settings`}
              editable={resource.may.writeRoleSettings}
            />
          ))}
        </ListFrame>
      )}
    </>
  );
}

/** The settings of a role at a glance. */
function SettingsRow({ row, href, editable }: { row: RoleRow; href: string; editable: boolean }) {
  const settings = { ...defaultRoleSettings, ...row.settings };
  return (
    <tr>
      <td>
        <Link href={href} prefetch={false}>
          <Name of={row.roleName} />
        </Link>
      </td>
      <td>
        <Requirement on={settings.activationRequiresMfa} />
      </td>
      <td>
        <Requirement on={settings.approvalRequired} />
        {asksFreshCode(settings) ? <span className="cell-note">and a new code after it</span> : null}
      </td>
      <td>
        <Requirement on={settings.assignmentRequiresMfa} />
      </td>
      <td>{settings.activationMaximumMinutes / 60} h</td>
      <td>
        {row.changed && row.updatedAt ? (
          <Moment value={row.updatedAt} />
        ) : (
          <span className="text-muted">Default</span>
        )}
        {row.changed && row.updatedBy ? (
          <span className="cell-note">
            by <Name of={row.updatedBy.displayName} />
          </span>
        ) : null}
      </td>
      {editable ? (
        <td>
          <RowMenu about={isolated(row.roleName)}>
            <Link
              className="button"
              href={`${href}/edit`}
              aria-label={`Edit ${isolated(row.roleName)}`}
              prefetch={false}
            >
              Edit
            </Link>
          </RowMenu>
        </td>
      ) : null}
    </tr>
  );
}

/** What is not required is quiet, so that what is catches the eye. */
function Requirement({ on }: { on: boolean }) {
  return on ? "Required" : <span className="text-muted">Not required</span>;
}
