import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { AddAssignments } from "@/components/assignments/member-actions";
import { MemberTable, selectableRows } from "@/components/assignments/member-table";
import { MembersMissing } from "@/components/assignments/members-missing";
import { MemberSelection } from "@/components/bulk/member-selection";
import { trailInside } from "@/components/resources/resource-trail";
import { LinkTabs, PageHeader, Pager, SearchForm } from "@/components/ui/page-parts";
import { parseOrder } from "@/lib/domain/list-order";
import { assignmentRules } from "@/lib/domain/role-settings";
import { requireCaller } from "@/lib/identity/request";
import { maximumRows } from "@/lib/operations/run-batch";
import { application } from "@/lib/platform/application";
import { listMembers, memberColumns, usualOrder } from "@/lib/queries/members";
import { hasFactor } from "@/lib/queries/my-roles";
import { readRoleSettings } from "@/lib/queries/role-members";
import { addAssignments, endAssignment, findPrincipals, prepareAssignment } from "../../../actions";
import { openResource } from "../../../open-resource";
import {
  changeAssignment,
  changeMany,
  prepareChange,
  prepareMany,
  previewMany,
} from "../../assignments/actions";
import { memberQuery } from "../../assignments/member-query";
import { memberTabs, tabLabels } from "../../assignments/tabs";

export const metadata: Metadata = { title: "Role" };

export default async function RolePage(props: {
  params: Promise<{ resourceId: string; roleId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
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
  const { tab, search, after, sort } = memberQuery.parse(await props.searchParams);
  const order = parseOrder(memberColumns, sort, usualOrder(tab));
  const { now, rows, next } = await listMembers(database, caller, resource.id, {
    tab,
    roleDefinitionId: found.role.id,
    search,
    order,
    after,
  });
  const base = `/resources/${resource.id}/roles/${found.role.id}`;
  const href = (changes: { sort?: string; after?: string }) =>
    `${base}?${new URLSearchParams({ tab, search, sort, ...changes })}`;
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
            settings={assignmentRules(found.settings)}
            hasFactor={factor}
            submit={addAssignments}
            prepare={prepareAssignment}
            search={findPrincipals}
            returnPath={base}
          />
        ) : null}
        {resource.may.readRoleDefinitions ? (
          <Link className="button" href={`${base}/permissions`}>
            Permissions
          </Link>
        ) : null}
        {resource.may.readAudit ? (
          <Link className="button" href={`/resources/${resource.id}/audit?role=${found.role.id}`}>
            Log of this role
          </Link>
        ) : null}
        <Link className="button" href={`${base}/settings`}>
          Role settings
        </Link>
      </PageHeader>
      <LinkTabs
        label="Members"
        tabs={memberTabs.map((each) => ({
          href: `${base}?tab=${each}`,
          label: tabLabels[each],
          current: tab === each,
        }))}
      />
      <SearchForm action={base} value={search} label="Search members" hidden={{ tab, sort }} />
      <MemberSelection
        key={tab}
        list={`${caller.userId} ${base} ${tab}`}
        verbs={tab === "expired" ? ["Renew"] : ["Extend", "Remove"]}
        maximumRows={maximumRows}
        rows={selectableRows(rows, { resource, now })}
        hasFactor={factor}
        returnPath={`${base}?tab=${tab}`}
        preview={previewMany}
        prepare={prepareMany}
        run={changeMany}
      >
        {rows.length === 0 ? (
          <MembersMissing tab={tab} search={search} clear={`${base}?tab=${tab}`} />
        ) : (
          <MemberTable
            rows={rows}
            oneRole
            order={order}
            sortAddress={(next) => href({ sort: next })}
            now={now}
            resource={resource}
            hasFactor={factor}
            change={changeAssignment}
            prepare={prepareChange}
            remove={endAssignment}
            returnPath={`${base}?tab=${tab}`}
          />
        )}
      </MemberSelection>
      <Pager first={after ? href({}) : null} next={next ? href({ after: next }) : null} />
    </>
  );
}
