import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RenameResourceForm } from "@/components/resources/rename-resource-form";
import { trailInside } from "@/components/resources/resource-trail";
import { Name } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { Section } from "@/components/ui/section";
import { whyNotMoved } from "@/lib/domain/resources/move";
import { undoDays } from "@/lib/domain/resources/retire";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import { openResource } from "../../open-resource";
import { rename } from "./actions";

export const metadata: Metadata = { title: "Manage" };

export default async function ManageResourcePage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "writeResources");
  // The root has the organisation's name and place.
  if (resource.parentId === null) notFound();
  const parent = resource.above.at(-1);
  const never = whyNotMoved(resource.scope);
  return (
    <>
      <PageHeader
        title={`Manage ${isolated(resource.displayName)}`}
        trail={trailInside(resource)}
        description="Its name, its place in the tree, and its retirement."
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
        <Section id="move" title="Place">
          <div className="card">
            <p>
              It is below {parent ? <Name of={parent.displayName} /> : "another resource"}, and its path is{" "}
              <code className="wrap-anywhere">{visible(resource.scope)}</code>.
            </p>
            {never === null ? (
              <p className="mt-3">
                <a className="button" href={`/resources/${resource.id}/move`}>
                  Move
                </a>
              </p>
            ) : (
              <p className="mt-1 text-muted">{never}</p>
            )}
          </div>
        </Section>
        <Section id="retire" title="Retire">
          <div className="card">
            <p>
              Retire it when it is no longer needed. Access to it and to everything below it ends, and
              searches no longer find it. This can be undone for {undoDays} days, under{" "}
              <a href="/resources/retired">Retired resources</a>.
            </p>
            <p className="mt-3">
              <a className="button" href={`/resources/${resource.id}/retire`}>
                Retire
              </a>
            </p>
          </div>
        </Section>
      </div>
    </>
  );
}
