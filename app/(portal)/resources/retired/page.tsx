import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { z } from "zod";
import { iconOfType } from "@/components/resources/resource-icon";
import { DataTable } from "@/components/ui/lists/data-table";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader, SearchForm } from "@/components/ui/page-parts";
import { undoDays } from "@/lib/domain/resources/retire";
import { visible } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { listRetired } from "@/lib/queries/resources/retired-resources";
import { queryText } from "@/lib/web/page-query";
import { withQuery } from "@/lib/web/query-address";
import { requireCaller } from "@/lib/web/request";
import { typesInWords } from "../types-in-words";

export const metadata: Metadata = { title: "Retired resources" };

const shape = z.object({ search: queryText, after: queryText, before: queryText });

export default async function RetiredResourcesPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = shape.parse(await props.searchParams);
  const page = await listRetired(application().database, caller, query.search, query);
  if (page === null) forbidden();
  const types = await typesInWords();
  const address = (changes: Record<string, string>) =>
    withQuery("/resources/retired", { search: query.search }, changes);
  return (
    <>
      <PageHeader
        title="Retired resources"
        trail={[{ href: "/resources", label: "Resources" }]}
        description={`Nobody has access to them. A retirement can be undone for ${undoDays} days.`}
      />
      <SearchForm action="/resources/retired" value={query.search} label="Search by name or path" />
      {page.rows.length === 0 ? (
        <EmptyState title={query.search === "" ? "Nothing is retired" : "No retired resource matches"}>
          {query.search === ""
            ? "A resource that is no longer needed is retired under Manage, on its page."
            : "No retired resource that you may restore has this name or path."}
        </EmptyState>
      ) : (
        <DataTable
          label="Retired resources"
          head={["Resource", "Was below", "Retired", "Why", "Can be undone until"]}
          pages={{
            first: page.previous ? address({}) : null,
            previous: page.previous ? address({ before: page.previous }) : null,
            next: page.next ? address({ after: page.next }) : null,
          }}
          rows={page.rows.map((row) => [
            row.id,
            {
              text: visible(row.displayName),
              href: `/resources/retired/${row.id}`,
              icon: iconOfType(row.resourceType, types),
              scope: row.scope,
            },
            { text: visible(row.parentName) },
            {
              node: (
                <>
                  <Moment value={row.retiredAt} />
                  <div className="text-muted">
                    by <Name of={row.retiredByName} />
                  </div>
                </>
              ),
            },
            { text: visible(row.justification), wide: true },
            row.undoUntil
              ? { node: <Moment value={row.undoUntil} /> }
              : { text: "Stays retired", quiet: true },
          ])}
        />
      )}
    </>
  );
}
