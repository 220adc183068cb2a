import type { z } from "zod";
import { MemberSelection } from "@/components/assignments/member-selection";
import { MemberTable, selectableRows } from "@/components/assignments/member-table";
import { MembersMissing } from "@/components/assignments/members-missing";
import { Pager, SearchForm } from "@/components/ui/page-parts";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { application } from "@/lib/platform/application";
import { listMembers, memberColumns, usualOrder } from "@/lib/queries/assignments/members";
import type { ResourceView } from "@/lib/queries/resources/resources";
import { parseOrder } from "@/lib/web/list-order";
import { requireCaller } from "@/lib/web/request";
import { endAssignment } from "../../actions";
import { changeAssignment, changeMany, prepareChange, prepareMany, previewMany } from "./actions";
import type { memberQuery } from "./member-query";

/** A list of members with its tabs, search, selection, rows and pages. */
export async function MemberList(props: {
  resource: ResourceView;
  /** The role whose members are listed; null for everybody's access, including what is inherited. */
  roleDefinitionId: string | null;
  /** The address of the list. */
  base: string;
  query: z.infer<typeof memberQuery>;
  hasFactor: boolean;
  /** Shown between the search and the list. */
  children?: React.ReactNode;
}) {
  const { resource, roleDefinitionId, base, hasFactor } = props;
  const { tab, search, sort, after } = props.query;
  const caller = await requireCaller();
  const order = parseOrder(memberColumns, sort, usualOrder(tab));
  const filter = { tab, roleDefinitionId, search, order, after };
  const { now, rows, next } = await listMembers(application().database, caller, resource.id, filter);
  const returnPath = `${base}?tab=${tab}`;
  const href = (changes: { sort?: string; after?: string }) =>
    `${base}?${new URLSearchParams({ tab, search, sort, ...changes })}`;
  return (
    <>
      <SearchForm
        action={base}
        value={search}
        label={roleDefinitionId ? "Search members" : "Search members and roles"}
        hidden={{ tab, sort }}
      />
      {props.children}
      <MemberSelection
        key={tab}
        list={`${caller.userId} ${base} ${tab}`}
        verbs={tab === "expired" ? ["Renew"] : ["Extend", "Remove"]}
        maximumRows={maximumRows}
        rows={selectableRows(rows, { resource, now })}
        hasFactor={hasFactor}
        returnPath={returnPath}
        preview={previewMany}
        prepare={prepareMany}
        run={changeMany}
      >
        {rows.length === 0 ? (
          <MembersMissing tab={tab} search={search} clear={returnPath} />
        ) : (
          <MemberTable
            rows={rows}
            oneRole={roleDefinitionId !== null}
            order={order}
            sortAddress={(by) => href({ sort: by })}
            now={now}
            resource={resource}
            hasFactor={hasFactor}
            change={changeAssignment}
            prepare={prepareChange}
            remove={endAssignment}
            returnPath={returnPath}
          />
        )}
      </MemberSelection>
      <Pager first={after ? href({}) : null} next={next ? href({ after: next }) : null} />
    </>
  );
}
