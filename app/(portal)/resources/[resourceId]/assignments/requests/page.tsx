import type { Metadata } from "next";
import { trailInside } from "@/components/resources/resource-trail";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import {
  countExtensionRequests,
  extensionsPageSize,
  listExtensionRequests,
} from "@/lib/queries/assignments/extension-requests";
import { countedRows } from "@/lib/queries/count-rows";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../open-resource";
import { MemberTabs } from "../tabs";
import { DecidableRequests } from "./decidable-requests";
import { WaitingActivations } from "./waiting-activations";

export const metadata: Metadata = { title: "Requests" };

export default async function RequestsPage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Query>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const caller = await requireCaller();
  const { database } = application();
  const query = await props.searchParams;
  const after = oneId(query, "after");
  const [{ now, rows }, count, factor] = await Promise.all([
    listExtensionRequests(database, caller, { resourceId: resource.id, after }),
    countExtensionRequests(database, caller, resource.id),
    ownsFactor(database, caller),
  ]);
  const assignments = `/resources/${resource.id}/assignments`;
  const base = `${assignments}/requests`;
  const last = rows.length === extensionsPageSize ? rows.at(-1) : undefined;
  return (
    <>
      <PageHeader
        title="Requests"
        trail={trailInside(resource, { href: assignments, label: "Assignments" })}
        description={`Requests that wait for a decision or a start on ${isolated(resource.displayName)} and below.`}
      />
      <MemberTabs
        label="Assignments"
        current="requests"
        address={(tab) => (tab === "all" ? assignments : `${assignments}?tab=${tab}`)}
        requests={base}
      />
      <h2 className="mb-2">Requests to extend or renew</h2>
      <DecidableRequests
        total={{ count, most: countedRows, one: "request", many: "requests" }}
        pages={pageLinks({
          query,
          cursor: "after",
          address: (cursor) => (cursor ? `${base}?after=${cursor}` : base),
          next: last?.id ?? null,
        })}
        list={`${caller.userId} ${base}`}
        rows={rows}
        now={now}
        selecting={rows.length > 1 || after !== null}
        hasFactor={factor}
        returnPath={base}
      >
        <EmptyState title="No waiting requests">
          Members can ask for more time in the last 14 days of an assignment, and for 30 days after it ends.
          Requests that you may decide on are listed here.
        </EmptyState>
      </DecidableRequests>
      <WaitingActivations
        resourceId={resource.id}
        base={base}
        query={query}
        mayCancel={resource.may.writeAssignment}
      />
    </>
  );
}
