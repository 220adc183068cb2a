import { MemberFilters } from "@/components/assignments/member-filters";
import { memberViews } from "@/components/assignments/member-views";
import { MembersList } from "@/components/assignments/members-list";
import { MembersMissing } from "@/components/assignments/members-missing";
import { packMembers } from "@/components/assignments/packed-members";
import { ExportLinks } from "@/components/ui/lists/export-links";
import { type MemberTab, sortableColumns } from "@/lib/domain/assignments/member-filter";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { application } from "@/lib/platform/application";
import { listMembers } from "@/lib/queries/assignments/members";
import { rolesHeld } from "@/lib/queries/assignments/roles-held";
import { readPeopleRights } from "@/lib/queries/people/people";
import type { ResourceView } from "@/lib/queries/resources/resources";
import { sortableHead } from "@/lib/web/list-order";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../../../filters/saved-filters-of";
import { endAssignment } from "../../actions";
import { prepareEligible, previewEligible, submitEligible } from "../standing-access/actions";
import { changeAssignment, changeMany, prepareChange, prepareMany, previewMany } from "./actions";
import { type MemberQuery, memberAddress, memberFilter, memberParameters } from "./member-query";
import { MemberTabs } from "./tabs";

/** What can be done with several rows of a tab. */
const verbs = {
  all: ["Extend", "Remove"],
  eligible: ["Extend", "Remove"],
  active: ["Extend", "Make eligible", "Remove"],
  expired: ["Renew"],
} as const satisfies Record<MemberTab, readonly string[]>;

const labels = { member: "Member", start: "Start", end: "End" } as const;

/** A list of members with its quick states, filters, selection, rows and pages. */
export async function MemberList(props: {
  resource: ResourceView;
  /** The role whose members are listed; null for everybody's access. */
  roleDefinitionId: string | null;
  /** The address of the list. */
  base: string;
  query: MemberQuery;
  hasFactor: boolean;
}) {
  const { resource, roleDefinitionId, base, query, hasFactor } = props;
  const { tab } = query;
  const caller = await requireCaller();
  const { database } = application();
  const filter = memberFilter(query, roleDefinitionId);
  const [page, roles, rights] = await Promise.all([
    listMembers(database, caller, resource.id, filter, query),
    roleDefinitionId ? null : rolesHeld(database, caller, resource.id),
    readPeopleRights(database, caller),
  ]);
  const rows = await memberViews(page.rows, { resource, now: page.now });
  const href = (changes: Partial<MemberQuery>) => memberAddress(base, query, changes);
  const makeEligible =
    resource.may.writeEligibility && resource.may.writeAssignment
      ? { preview: previewEligible, prepare: prepareEligible, run: submitEligible }
      : null;
  const parameters = memberParameters({ ...query, after: "", before: "" });
  const returnPath = memberAddress(base, query, { search: "" });
  const exported = memberAddress(`/resources/${resource.id}/assignments/export`, {
    ...query,
    role: filter.roleDefinitionId ?? "",
  });
  return (
    <>
      <MemberTabs
        label={roleDefinitionId ? "Members" : "Assignments"}
        current={tab}
        address={(other) => href({ tab: other, state: "", sort: "" })}
        requests={roleDefinitionId ? undefined : `${base}/requests`}
      />
      <MemberFilters action={base} query={parameters} filter={filter} roles={roles} />
      <SavedFiltersOf list="assignments" base={base} query={parameters} />
      <MembersList
        key={tab}
        packed={packMembers(rows)}
        selection={{
          list: `${caller.userId} ${base} ${tab}`,
          verbs: verbs[tab].filter((verb) => verb !== "Make eligible" || makeEligible !== null),
          makeEligible,
          maximumRows,
          hasFactor,
          returnPath,
          preview: previewMany,
          prepare: prepareMany,
          run: changeMany,
        }}
        actions={{
          hasFactor,
          submit: changeAssignment,
          prepare: prepareChange,
          remove: endAssignment,
          makeEligible,
          returnPath,
        }}
        label="Members"
        tab={tab}
        total={{ ...page.total, one: "assignment", many: "assignments" }}
        pages={{
          first: page.previous ? href({}) : null,
          previous: page.previous ? href({ before: page.previous }) : null,
          next: page.next ? href({ after: page.next }) : null,
        }}
        aside={
          <ExportLinks
            address={exported}
            scheduled={
              resource.may.writeRoleSettings ? `/resources/${resource.id}/scheduled-exports` : undefined
            }
          />
        }
        oneRole={roleDefinitionId !== null}
        resourceId={resource.id}
        linkPeople={rights.read}
        histories={resource.may.readAudit}
        sorted={sortableColumns(filter.where).map((by) => ({
          by,
          ...sortableHead(filter.order, by, labels[by], (sort) => href({ sort })),
        }))}
      >
        <MembersMissing
          tab={tab}
          search={query.search}
          filtered={[query.state, query.kind, query.role].some(Boolean) || query.where !== "above"}
          clear={tab === "all" ? base : `${base}?tab=${tab}`}
        />
      </MembersList>
    </>
  );
}
