import type { Metadata } from "next";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../open-resource";
import { MemberList } from "./member-list";
import { memberQuery } from "./member-query";

export const metadata: Metadata = { title: "Assignments" };

export default async function AssignmentsPage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const query = memberQuery(await props.searchParams);
  const factor = await ownsFactor(application().database, await requireCaller());
  const base = `/resources/${resource.id}/assignments`;
  return (
    <>
      <PageHeader
        title="Assignments"
        trail={trailInside(resource)}
        description={`Everyone's access to ${isolated(resource.displayName)}, including access inherited from above.`}
      >
        {resource.may.writeEligibility || resource.may.writeAssignment ? (
          <a className="button button-primary" href={`${base}/add`}>
            Add assignments
          </a>
        ) : null}
      </PageHeader>
      <MemberList resource={resource} roleDefinitionId={null} base={base} query={query} hasFactor={factor} />
    </>
  );
}
