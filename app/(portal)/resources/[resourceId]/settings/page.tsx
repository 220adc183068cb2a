import type { Metadata } from "next";
import { trailInside } from "@/components/resources/resource-trail";
import { RolesMissing } from "@/components/roles/roles-missing";
import { RolesSearch } from "@/components/roles/roles-search";
import { type Cell, DataTable, type Value } from "@/components/ui/lists/data-table";
import { ExportLinks } from "@/components/ui/lists/export-links";
import { PageHeader } from "@/components/ui/page-parts";
import {
  activationTakesResistant,
  asksFreshCode,
  assignmentTakesResistant,
} from "@/lib/domain/roles/factors-asked";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import { formatIn } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import { application } from "@/lib/platform/application";
import { listRoles, type RoleRow } from "@/lib/queries/roles/role-list";
import { pageLinks } from "@/lib/web/page-links";
import { readerTimes } from "@/lib/web/reader-zone";
import { openResource } from "../../open-resource";
import { rolesAddress, rolesFilter, rolesParameters } from "../roles-filter";

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
  const times = await readerTimes();
  const list = `${base}/settings`;
  const exported = (more: Readonly<Record<string, string>>) =>
    `${list}/export?${new URLSearchParams({ ...rolesParameters(filter), ...more })}`;
  const links = (
    <ExportLinks
      address={exported({})}
      below={exported({ where: "below" })}
      scheduled={resource.may.writeRoleSettings ? `${base}/scheduled-exports` : undefined}
    />
  );
  return (
    <>
      <PageHeader
        title="Role settings"
        trail={trailInside(resource)}
        description={`The settings of every role on ${isolated(resource.displayName)}. Stricter settings of a level above also apply.`}
      >
        {resource.may.writeRoleSettings ? (
          <a className="button" href={`${list}/replay`}>
            Edit several roles
          </a>
        ) : null}
      </PageHeader>
      <RolesSearch action={list} search={filter.search} used={filter.used} />
      {page.rows.length === 0 ? (
        <>
          {filter.used ? <div className="list-line justify-end">{links}</div> : null}
          <RolesMissing base={list} filter={filter} />
        </>
      ) : (
        <DataTable
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
          aside={links}
          rows={page.rows.map((row) => settingsRow(row, base, times, resource.may.writeRoleSettings))}
        />
      )}
    </>
  );
}

/** The settings of a role at a glance. What is not required is less prominent, so that the requirements stand out. */
function settingsRow(row: RoleRow, base: string, times: ReaderTimes, editable: boolean): [string, ...Cell[]] {
  const href = `${base}/roles/${row.id}/settings`;
  const settings = { ...defaultRoleSettings, ...row.settings };
  const required = (on: boolean): Value =>
    on ? { text: "Required" } : { text: "Not required", quiet: true };
  const changed: Cell =
    row.changed && row.updatedAt
      ? {
          text: formatIn(times).moment(row.updatedAt),
          moment: row.updatedAt.toISOString(),
          note: row.updatedBy ? `by ${visible(row.updatedBy.displayName)}` : null,
        }
      : { text: "Default", quiet: true };
  return [
    row.id,
    { text: visible(row.roleName), href },
    {
      ...required(settings.activationRequiresMfa),
      ...(activationTakesResistant(settings) ? { note: "phishing-resistant only" } : {}),
    },
    {
      ...required(settings.approvalRequired),
      ...(asksFreshCode(settings) ? { note: "and a new code after it" } : {}),
    },
    {
      ...required(settings.assignmentRequiresMfa),
      ...(assignmentTakesResistant(settings) ? { note: "phishing-resistant only" } : {}),
    },
    `${settings.activationMaximumMinutes / 60} h`,
    changed,
    ...(editable ? [{ text: "Edit", href: `${href}/edit`, action: isolated(row.roleName) }] : []),
  ];
}
