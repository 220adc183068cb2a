import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { ImportStatus } from "@/components/imports/import-status";
import { UploadForm } from "@/components/imports/upload-form";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { importTitle } from "@/lib/domain/imports/import-kinds";
import { application } from "@/lib/platform/application";
import { listImports } from "@/lib/queries/imports/imports";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";

export const metadata: Metadata = { title: "Import" };

export default async function ImportPage(props: { searchParams: Promise<Query> }) {
  const query = await props.searchParams;
  const caller = await requireCaller();
  const imports = await listImports(application().database, caller, oneId(query, "after"));
  if (!imports) forbidden();
  return (
    <>
      <PageHeader
        title="Import"
        description="Import people, resources, roles and assignments from Azure CLI output or CSV. You see every change before it is made."
      >
        <a className="button" href="/import/schedules">
          Scheduled imports
        </a>
      </PageHeader>
      <div className="grid gap-5">
        <section className="card max-w-3xl">
          <h2 className="mb-3">New import</h2>
          <UploadForm />
        </section>
        <section>
          <h2 className="mb-2">Previous imports</h2>
          {imports.rows.length === 0 ? (
            <EmptyState title="No imports yet">
              Choose all the files that your other system wrote, in any order.
            </EmptyState>
          ) : (
            <TableFrame
              label="Previous imports"
              head={["File", "What", "Status", "Read", "By"]}
              pages={pageLinks({
                query,
                cursor: "after",
                address: (cursor) => (cursor ? `/import?after=${cursor}` : "/import"),
                next: imports.next,
              })}
            >
              {imports.rows.map((each) => (
                <tr key={each.id}>
                  <td>
                    <a href={`/import/${each.id}`}>
                      <Name of={each.fileName} />
                    </a>
                  </td>
                  <td>{importTitle(each.kind)}</td>
                  <td>
                    <ImportStatus status={each.status} />
                  </td>
                  <td>
                    <Moment value={each.createdAt} />
                  </td>
                  <td>
                    <PrincipalName of={each.createdBy} />
                  </td>
                </tr>
              ))}
            </TableFrame>
          )}
        </section>
      </div>
    </>
  );
}
