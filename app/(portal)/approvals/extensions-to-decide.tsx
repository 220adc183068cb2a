import { countedAtMost } from "@/lib/domain/requests/waiting";
import { application } from "@/lib/platform/application";
import { extensionsPageSize, listExtensionRequests } from "@/lib/queries/assignments/extension-requests";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";
import { DecidableRequests } from "../resources/[resourceId]/assignments/requests/decidable-requests";

/** The requests to extend or renew that the caller may decide, for every resource. Renders nothing when there are none. */
export async function ExtensionsToDecide(props: {
  hasFactor: boolean;
  query: Query;
  /** How many wait. Counting stops at one more than `countedAtMost`. */
  count: number;
  /** The address of the page that follows a request; null for the first page. */
  page: (after: string | null) => string;
}) {
  const caller = await requireCaller();
  const after = oneId(props.query, "extensionsAfter");
  const { now, rows } = await listExtensionRequests(application().database, caller, {
    resourceId: null,
    after,
    forMe: true,
  });
  const some = rows.length > 0 || after !== null;
  const last = rows.length === extensionsPageSize ? rows.at(-1) : undefined;
  return (
    <section aria-label={some ? "Requests to extend or renew" : undefined} className={some ? "mt-8" : ""}>
      {some ? (
        <>
          <h2>Requests to extend or renew</h2>
          <p className="mt-1 mb-3 text-muted">Members who ask to keep their access longer, oldest first.</p>
        </>
      ) : null}
      <DecidableRequests
        list={`${caller.userId} /approvals extensions`}
        rows={rows}
        now={now}
        total={{ count: props.count, most: countedAtMost, one: "request", many: "requests" }}
        pages={pageLinks({
          query: props.query,
          cursor: "extensionsAfter",
          address: props.page,
          next: last?.id ?? null,
        })}
        selecting={rows.length > 1 || after !== null}
        hasFactor={props.hasFactor}
        returnPath={props.page(after)}
      >
        {some ? <p className="card text-muted">No more requests.</p> : null}
      </DecidableRequests>
    </section>
  );
}
