import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { trailInside } from "@/components/resources/resource-trail";
import { RequestExceptionForm } from "@/components/roles/request-exception-form";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { exceptionToRequest } from "@/lib/queries/roles/conflict-exceptions";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../../../open-resource";
import { askForException, findWhoIsExcepted } from "../../../actions";

export const metadata: Metadata = { title: "Request exception" };

const id = z.uuid();

export default async function RequestExceptionPage(props: {
  params: Promise<{ resourceId: string; ruleId: string }>;
  searchParams: Promise<{ for?: string | string[] }>;
}) {
  const [{ resourceId, ruleId }, { for: asked }] = await Promise.all([props.params, props.searchParams]);
  const resource = await openResource(resourceId, "writeRoleSettings");
  if (!id.safeParse(ruleId).success) notFound();
  const caller = await requireCaller();
  const who = id.safeParse(asked).data ?? null;
  const found = await exceptionToRequest(application().database, caller, resource.id, ruleId, who);
  if (!found) notFound();
  const rule = `/resources/${resource.id}/conflicting-roles/${ruleId}`;
  return (
    <>
      <PageHeader
        title="Request exception"
        trail={trailInside(resource, { href: rule, label: isolated(found.ruleName) })}
        description={`The person or group that it is for may hold the conflicting roles of ${isolated(found.ruleName)} together until it ends. It has no effect until another administrator approves it.`}
      />
      <div className="card max-w-3xl">
        <RequestExceptionForm
          resourceId={resource.id}
          ruleId={ruleId}
          named={found.named}
          back={rule}
          submit={askForException}
          find={findWhoIsExcepted}
        />
      </div>
    </>
  );
}
