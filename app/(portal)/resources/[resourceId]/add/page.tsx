import type { Metadata } from "next";
import { AddResourceForm } from "@/components/resources/add-resource-form";
import { trailInside } from "@/components/resources/resource-trail";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { takesOwn } from "@/lib/domain/resources/own-path";
import { armTypesBelow, armTypesWithin } from "@/lib/domain/resources/scope-below";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { rootToAddTo } from "@/lib/queries/resources/own-types";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../open-resource";
import { typesInWords } from "../../types-in-words";
import { add } from "../manage/actions";

export const metadata: Metadata = { title: "Add resource" };

export default async function AddResourcePage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "writeResources");
  const own = takesOwn(resource.scope) ? Object.entries(await typesInWords()) : [];
  const types = own.map(([type, { displayName }]) => ({ type, name: displayName }));
  // Resources whose path is unique in the whole organisation can be added only by people who may do so at the
  // root.
  const root = await rootToAddTo(application().database, await requireCaller());
  const azure = root ? armTypesBelow(resource.scope) : armTypesWithin(resource.scope);
  return (
    <>
      <PageHeader
        title="Add resource"
        trail={trailInside(resource)}
        description={`It is below ${isolated(resource.displayName)}. People with a role there or above also have it on the new resource.`}
      />
      {types.length + azure.length === 0 ? (
        <EmptyState title="Nothing can be added here">
          The path of this resource is Azure's. What lies below it is <a href="/import">imported</a>.
        </EmptyState>
      ) : (
        <div className="card max-w-2xl">
          <AddResourceForm
            parent={{ id: resource.id, scope: resource.scope }}
            own={types.toSorted((left, right) => left.name.localeCompare(right.name, "en"))}
            azure={azure}
            submit={add}
          />
        </div>
      )}
    </>
  );
}
