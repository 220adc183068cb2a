import type { Metadata } from "next";
import Link from "next/link";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader, Pager, SearchForm, TableRegion } from "@/components/ui/page-parts";
import { defaultRoleSettings } from "@/lib/domain/role-settings";
import { application } from "@/lib/platform/application";
import { listRoles } from "@/lib/queries/role-members";
import { openResource } from "../../open-resource";

export const metadata: Metadata = { title: "Role settings" };

export default async function RoleSettingsListPage({
  params,
  searchParams,
}: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<{ search?: string; after?: string }>;
}) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, "readRoleSettings");
  const { search = "", after = "" } = await searchParams;
  const rows = await listRoles(application().database, resource.id, { search, after });
  const base = `/resources/${resource.id}`;
  const last = rows.length === 50 ? rows.at(-1) : undefined;
  const query = (cursor: string) => `${base}/settings?${new URLSearchParams({ search, after: cursor })}`;
  return (
    <>
      <PageHeader
        title="Role settings"
        trail={trailInside(resource)}
        description={`Every role's settings on ${resource.displayName}. They are not inherited.`}
      />
      <SearchForm action={`${base}/settings`} value={search} label="Search roles" />
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
                <Link href={`${base}/roles/${row.id}/settings`}>{row.roleName}</Link>
              </td>
              <td className="whitespace-nowrap">
                {settings.activationRequiresMfa ? "Required" : "Not required"}
              </td>
              <td className="whitespace-nowrap">{settings.approvalRequired ? "Required" : "Not required"}</td>
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
      <Pager first={after ? query("") : null} next={last ? query(last.key) : null} />
    </>
  );
}
