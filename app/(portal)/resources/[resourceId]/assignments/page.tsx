import type { Metadata } from "next";
import Link from "next/link";
import { MemberTable, selectableRows } from "@/components/assignments/member-table";
import { MembersMissing } from "@/components/assignments/members-missing";
import { MemberSelection } from "@/components/bulk/member-selection";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader, Pager, SearchForm } from "@/components/ui/page-parts";
import { parseOrder } from "@/lib/domain/list-order";
import { requireCaller } from "@/lib/identity/request";
import { maximumRows } from "@/lib/operations/run-batch";
import { application } from "@/lib/platform/application";
import { listMembers, memberColumns, usualOrder } from "@/lib/queries/members";
import { hasFactor } from "@/lib/queries/my-roles";
import { SavedFiltersOf } from "../../../filters/saved-filters-of";
import { endAssignment } from "../../actions";
import { openResource } from "../../open-resource";
import { changeAssignment, changeMany, prepareChange, prepareMany, previewMany } from "./actions";
import { memberQuery } from "./member-query";
import { AssignmentTabs } from "./tabs";

export const metadata: Metadata = { title: "Assignments" };

export default async function AssignmentsPage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const caller = await requireCaller();
  const { database } = application();
  const { tab, search, after, sort } = memberQuery.parse(await props.searchParams);
  const order = parseOrder(memberColumns, sort, usualOrder(tab));
  const [{ now, rows, next }, factor] = await Promise.all([
    listMembers(database, caller, resource.id, { tab, roleDefinitionId: null, search, order, after }),
    hasFactor(database, caller),
  ]);
  const base = `/resources/${resource.id}/assignments`;
  const href = (changes: { sort?: string; after?: string }) =>
    `${base}?${new URLSearchParams({ tab, search, sort, ...changes })}`;
  return (
    <>
      <PageHeader
        title="Assignments"
        trail={trailInside(resource)}
        description={`Everyone's access to ${resource.displayName}, what is inherited from above included.`}
      >
        {resource.may.writeEligibility || resource.may.writeAssignment ? (
          <Link className="button button-primary" href={`${base}/add`}>
            Add assignments
          </Link>
        ) : null}
      </PageHeader>
      <AssignmentTabs base={base} current={tab} />
      <SearchForm action={base} value={search} label="Search members and roles" hidden={{ tab, sort }} />
      <SavedFiltersOf list="assignments" base={base} query={{ tab, search, sort }} />
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
            oneRole={false}
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
