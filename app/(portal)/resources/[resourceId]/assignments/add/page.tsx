import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { AssignMany } from "@/components/assignments/assign-many";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { requireCaller } from "@/lib/web/request";
import { addAssignments, prepareAssignment } from "../../../actions";
import { openResource } from "../../../open-resource";
import { findMembers, findRoles, prepareAssignments, previewAssignments, submitAssignments } from "./actions";
import { rolesToAssign } from "./roles-to-assign";

export const metadata: Metadata = { title: "Add assignments" };

export default async function AddAssignmentsPage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const mayAssign = { eligible: resource.may.writeEligibility, active: resource.may.writeAssignment };
  if (!mayAssign.eligible && !mayAssign.active) forbidden();
  const caller = await requireCaller();
  const { database } = application();
  const [factor, usedRoles] = await Promise.all([
    ownsFactor(database, caller),
    rolesToAssign(database, resource.id, { search: "", used: true }),
  ]);
  const listPath = `/resources/${resource.id}/assignments`;
  return (
    <>
      <PageHeader
        title="Add assignments"
        trail={trailInside(resource, { href: listPath, label: "Assignments" })}
        description={`Give roles to users and groups on ${isolated(resource.displayName)}. Several assignments are previewed before anything changes.`}
      />
      <div className="card max-w-4xl">
        <AssignMany
          resourceId={resource.id}
          mayAssign={mayAssign}
          maximumRows={maximumRows}
          hasFactor={factor}
          listPath={listPath}
          returnPath={`${listPath}/add`}
          preview={previewAssignments}
          prepare={prepareAssignments}
          run={submitAssignments}
          usedRoles={usedRoles}
          assign={addAssignments}
          prepareOne={prepareAssignment}
          findRoles={findRoles}
          findMembers={findMembers}
        />
      </div>
    </>
  );
}
