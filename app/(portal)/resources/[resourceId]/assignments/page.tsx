import type { Metadata } from "next";
import { MemberTable } from "@/components/assignments/member-table";
import { trailInside } from "@/components/resources/resource-trail";
import { LinkTabs, PageHeader, Pager, SearchForm } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { listMembers } from "@/lib/queries/role-members";
import { changeAssignment, endAssignment, prepareUpdate } from "../../actions";
import { openResource } from "../../open-resource";

export const metadata: Metadata = { title: "Assignments" };

export default async function AssignmentsPage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<{ tab?: string; search?: string; after?: string }>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const query = await props.searchParams;
  const tab = query.tab === "active" ? "active" : "eligible";
  const { search = "", after = "" } = query;
  const rows = await listMembers(application().database, resource.id, {
    tab,
    roleDefinitionId: null,
    search,
    after,
  });
  const base = `/resources/${resource.id}/assignments`;
  const last = rows.length === 50 ? rows.at(-1) : undefined;
  const href = (cursor: string) => `${base}?${new URLSearchParams({ tab, search, after: cursor })}`;
  return (
    <>
      <PageHeader
        title="Assignments"
        trail={trailInside(resource)}
        description={`Everyone's access to ${resource.displayName}, what is inherited from above included.`}
      />
      <LinkTabs
        label="Assignments"
        tabs={[
          { href: base, label: "Eligible", current: tab === "eligible" },
          { href: `${base}?tab=active`, label: "Active", current: tab === "active" },
        ]}
      />
      <SearchForm action={base} value={search} label="Search members and roles" hidden={{ tab }} />
      <MemberTable
        rows={rows}
        resource={resource}
        settings={null}
        ended={false}
        hasFactor={false}
        update={changeAssignment}
        prepare={prepareUpdate}
        remove={endAssignment}
        returnPath={base}
      />
      <Pager first={after ? href("") : null} next={last ? href(last.id) : null} />
    </>
  );
}
