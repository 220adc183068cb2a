import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RenameResourceForm } from "@/components/resources/rename-resource-form";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader } from "@/components/ui/page-parts";
import { Section } from "@/components/ui/section";
import { isolated } from "@/lib/domain/text/visible-text";
import { openResource } from "../../open-resource";
import { rename } from "./actions";

export const metadata: Metadata = { title: "Manage" };

export default async function ManageResourcePage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "writeResources");
  // The root has the organisation's name and place.
  if (resource.parentId === null) notFound();
  return (
    <>
      <PageHeader
        title={`Manage ${isolated(resource.displayName)}`}
        trail={trailInside(resource)}
        description="What it is called."
      />
      <div className="grid max-w-2xl gap-6">
        <Section id="rename" title="Name">
          <div className="card">
            <RenameResourceForm
              key={resource.displayName}
              resource={{ id: resource.id, displayName: resource.displayName }}
              submit={rename}
            />
          </div>
        </Section>
      </div>
    </>
  );
}
