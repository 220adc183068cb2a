import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { StartReviewForm } from "@/components/access-reviews/start-review-form";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { rolesInUse } from "@/lib/queries/access-reviews/roles-in-use";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../open-resource";
import { findPeople, findReviewers, startReview } from "../actions";

export const metadata: Metadata = { title: "New access review" };

export default async function NewAccessReviewPage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  if (!resource.may.writeEligibility && !resource.may.writeAssignment) forbidden();
  const roles = await rolesInUse(application().database, await requireCaller(), resource.id);
  const back = `/resources/${resource.id}/access-reviews`;
  return (
    <>
      <PageHeader
        title="New access review"
        trail={trailInside(resource, { href: back, label: "Access reviews" })}
        description="The list of who has access is taken when the review starts. Activations need no review, since they end by themselves within a day."
      />
      <StartReviewForm
        resourceId={resource.id}
        resourceName={resource.displayName}
        back={back}
        roles={roles}
        submit={startReview}
        search={findReviewers}
        findPeople={findPeople}
      />
    </>
  );
}
