import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { AddType, EditType } from "@/components/resources/type-actions";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { Icon } from "@/components/ui/icon";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { Row, Rows } from "@/components/ui/section";
import { mostTypes } from "@/lib/domain/resources/own-type";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { mostOfType, type TypeRow, typesToManage } from "@/lib/queries/resources/own-types";
import { withQuery } from "@/lib/web/query-address";
import { requireCaller } from "@/lib/web/request";
import { addType, removeType, saveType } from "./actions";

export const metadata: Metadata = { title: "Types of resources" };

export default async function ResourceTypesPage() {
  const types = await typesToManage(application().database, await requireCaller());
  if (types === null) notFound();
  return (
    <>
      <PageHeader
        title="Types of resources"
        trail={[{ href: "/resources", label: "Resources" }]}
        description="Types of your own resources. Azure's types come with their own names and icons. The word in the path never changes."
      >
        {types.length < mostTypes ? <AddType submit={addType} /> : null}
      </PageHeader>
      {types.length === 0 ? (
        <EmptyState title="No types">
          Add one to put resources of your own into the tree, such as databases or clusters.
        </EmptyState>
      ) : (
        <div className="max-w-3xl">
          <Rows label="Types of resources">
            {types.map((type) => (
              <TypeOfResources key={`${type.segment} ${type.version}`} type={type} />
            ))}
          </Rows>
        </div>
      )}
    </>
  );
}

function TypeOfResources({ type }: { type: TypeRow }) {
  const { segment, displayName, icon, used } = type;
  const count = used >= mostOfType ? `${mostOfType} or more` : String(used);
  return (
    <Row
      end={
        <>
          <EditType type={type} submit={saveType} />
          {used === 0 ? (
            <ConfirmButton
              label="Remove"
              subject={isolated(displayName)}
              title={`Remove the type ${isolated(displayName)}`}
              description="No resource has it. It can be added again later."
              submit={removeType}
              fields={{ segment }}
            />
          ) : null}
        </>
      }
    >
      <span className="flex items-start gap-2.5">
        <Icon name={icon} className="mt-0.5 shrink-0 text-muted" />
        <span className="min-w-0">
          <strong>
            <Name of={displayName} />
          </strong>
          <span className="block text-muted">
            <code>/{segment}/…</code>
            {" · "}
            {used === 0 ? (
              "no resources"
            ) : (
              <a href={withQuery("/resources", { view: "list", type: segment }, {})}>
                {count} {used === 1 ? "resource" : "resources"}
              </a>
            )}
          </span>
        </span>
      </span>
    </Row>
  );
}
