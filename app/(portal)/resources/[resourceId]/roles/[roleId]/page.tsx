import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { AddAssignments } from "@/components/assignments/member-actions";
import { MemberTable } from "@/components/assignments/member-table";
import { trailInside } from "@/components/resources/resource-trail";
import { LinkTabs, PageHeader, Pager, SearchForm } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { hasFactor } from "@/lib/queries/my-roles";
import { listMembers, readRoleSettings } from "@/lib/queries/role-members";
import {
  addAssignments,
  changeAssignment,
  endAssignment,
  findPrincipals,
  prepareAssignment,
  prepareUpdate,
} from "../../../actions";
import { openResource } from "../../../open-resource";

export const metadata: Metadata = { title: "Role" };
const tabs = ["eligible", "active", "expired"] as const;

export default async function RolePage(props: {
  params: Promise<{ resourceId: string; roleId: string }>;
  searchParams: Promise<{ tab?: string; search?: string; after?: string }>;
}) {
  const { resourceId, roleId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const caller = await requireCaller();
  const { database } = application();
  const [found, factor] = await Promise.all([
    readRoleSettings(database, resource.id, roleId),
    hasFactor(database, caller),
  ]);
  if (!found) notFound();
  const query = await props.searchParams;
  const tab = tabs.find((each) => each === query.tab) ?? "eligible";
  const { search = "", after = "" } = query;
  const rows = await listMembers(database, resource.id, {
    tab,
    roleDefinitionId: found.role.id,
    search,
    after,
  });
  const base = `/resources/${resource.id}/roles/${found.role.id}`;
  const last = rows.length === 50 ? rows.at(-1) : undefined;
  const href = (cursor: string) => `${base}?${new URLSearchParams({ tab, search, after: cursor })}`;
  return (
    <>
      <PageHeader
        title={found.role.roleName}
        trail={trailInside(resource, { href: `/resources/${resource.id}/roles`, label: "Roles" })}
        description={found.role.description}
      >
        {resource.may.writeEligibility || resource.may.writeAssignment ? (
          <AddAssignments
            roleDefinitionId={found.role.id}
            resourceId={resource.id}
            roleName={found.role.roleName}
            settings={found.settings}
            hasFactor={factor}
            submit={addAssignments}
            prepare={prepareAssignment}
            search={findPrincipals}
            returnPath={base}
          />
        ) : null}
        <Link className="button" href={`${base}/settings`}>
          Role settings
        </Link>
      </PageHeader>
      <LinkTabs
        label="Members"
        tabs={tabs.map((each) => ({
          href: `${base}?tab=${each}`,
          label: { eligible: "Eligible", active: "Active", expired: "Expired" }[each],
          current: tab === each,
        }))}
      />
      <SearchForm action={base} value={search} label="Search members" hidden={{ tab }} />
      <MemberTable
        rows={rows}
        resource={resource}
        settings={found.settings}
        ended={tab === "expired"}
        hasFactor={factor}
        update={changeAssignment}
        prepare={prepareUpdate}
        remove={endAssignment}
        returnPath={`${base}?tab=${tab}`}
      />
      <Pager first={after ? href("") : null} next={last ? href(last.id) : null} />
    </>
  );
}
