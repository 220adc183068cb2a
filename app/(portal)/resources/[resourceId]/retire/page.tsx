import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ConfirmShown } from "@/components/resources/confirm-shown";
import { trailInside } from "@/components/resources/resource-trail";
import { RetireLists } from "@/components/resources/retire-lists";
import { Sentence } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { previewRetirement } from "@/lib/queries/resources/retire-preview";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../open-resource";
import { prepareRetirement, retire } from "./actions";

export const metadata: Metadata = { title: "Retire" };

export default async function RetireResourcePage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "writeResources");
  if (resource.parentId === null) notFound();
  const { database } = application();
  const caller = await requireCaller();
  const [preview, factor] = await Promise.all([
    previewRetirement(database, caller, resource.id),
    ownsFactor(database, caller),
  ]);
  if (preview === null) notFound();
  const base = `/resources/${resource.id}`;
  return (
    <>
      <PageHeader
        title={`Retire ${isolated(resource.displayName)}`}
        trail={trailInside(resource, { href: `${base}/manage`, label: "Manage" })}
        description="With everything below it. You see what ends before anything happens."
      />
      {"code" in preview ? (
        <EmptyState title="It cannot be retired now">
          <Sentence of={errorMessage(preview)} />
        </EmptyState>
      ) : (
        <div className="grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-6">
          <RetireLists resource={resource} facts={preview.facts} people={preview.people} />
          <div className="card">
            <ConfirmShown
              key={preview.facts.preview}
              fields={{ resourceId: resource.id, preview: preview.facts.preview }}
              submitLabel={`Retire ${isolated(resource.displayName)}`}
              danger
              reasonRequired
              hasFactor={factor}
              back={`${base}/manage`}
              returnPath={`${base}/retire`}
              submit={retire}
              prepare={prepareRetirement}
            />
          </div>
        </div>
      )}
    </>
  );
}
