import type { Metadata } from "next";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Query } from "../../../audit/audit-filter";
import { AuditView } from "../../../audit/audit-view";
import { openResource } from "../../open-resource";

export const metadata: Metadata = { title: "Audit" };

export default async function ResourceAuditPage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Query>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAudit");
  return (
    <>
      <PageHeader
        title="Audit"
        trail={trailInside(resource)}
        description={`What happened on ${isolated(resource.displayName)}.`}
      />
      <AuditView
        base={`/resources/${resource.id}/audit`}
        query={await props.searchParams}
        fixed={{ resourceId: resource.id }}
      />
    </>
  );
}
