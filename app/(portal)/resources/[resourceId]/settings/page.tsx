import type { Metadata } from "next";
import Link from "next/link";
import { trailInside } from "@/components/resources/resource-trail";
import { RolesSearch } from "@/components/roles/roles-search";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader, Pager, TableRegion } from "@/components/ui/page-parts";
import { asksFreshCode, defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { listRoles, rolesPageSize } from "@/lib/queries/assignments/role-members";
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
  const filter = rolesFilter(await searchParams);
  const rows = await listRoles(application().database, resource.id, filter);
  const base = `/resources/${resource.id}`;
  const list = `${base}/settings`;
  const last = rows.length === rolesPageSize ? rows.at(-1) : undefined;
  return (
    <>
      <PageHeader
        title="Role settings"
        trail={trailInside(resource)}
        description={`The settings of every role on ${isolated(resource.displayName)}. Stricter settings of a level above also apply.`}
      />
      <RolesSearch action={list} search={filter.search} used={filter.used} />
      {rows.length === 0 ? (
        <EmptyState title="No roles">
          No role matches. <Link href={list}>Clear the filters</Link> to see every role.
        </EmptyState>
      ) : (
        <TableRegion
          label="Role settings"
          head={[
            "Role",
            "MFA on activation",
            "Approval",
            "MFA on direct assignment",
            "Maximum duration",
            "Settings",
          ]}
        >
          {rows.map((row) => {
            const settings = { ...defaultRoleSettings, ...row.settings };
            return (
              <tr key={row.id}>
                <td>
                  <Link href={`${base}/roles/${row.id}/settings`}>
                    <Name of={row.roleName} />
                  </Link>
                </td>
                <td className="whitespace-nowrap">
                  {settings.activationRequiresMfa ? "Required" : "Not required"}
                </td>
                <td className="whitespace-nowrap">
                  {settings.approvalRequired ? "Required" : "Not required"}
                  {asksFreshCode(settings) ? (
                    <span className="block text-muted">and a new code after it</span>
                  ) : null}
                </td>
                <td className="whitespace-nowrap">
                  {settings.assignmentRequiresMfa ? "Required" : "Not required"}
                </td>
                <td>{settings.activationMaximumMinutes / 60} h</td>
                <td>
                  {row.changed ? (
                    <span className="badge badge-accent">Changed</span>
                  ) : (
                    <span className="badge">Default</span>
                  )}
                </td>
              </tr>
            );
          })}
        </TableRegion>
      )}
      <Pager
        first={filter.after ? rolesAddress(list, filter, "") : null}
        next={last ? rolesAddress(list, filter, last.key) : null}
      />
    </>
  );
}
