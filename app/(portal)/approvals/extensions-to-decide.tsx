import { Pager } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { extensionsPageSize, listExtensionRequests } from "@/lib/queries/assignments/extension-requests";
import { requireCaller } from "@/lib/web/request";
import { DecidableRequests } from "../resources/[resourceId]/assignments/requests/decidable-requests";

/**
 * The requests to extend or renew that the caller may decide on, for every resource. Renders nothing when there are
 * none.
 */
export async function ExtensionsToDecide(props: {
  hasFactor: boolean;
  /** The last request of the previous page. */
  after: string | null;
  /** The address of the page that follows a request; null for the first page. */
  page: (after: string | null) => string;
}) {
  const caller = await requireCaller();
  const { now, rows } = await listExtensionRequests(application().database, caller, {
    resourceId: null,
    after: props.after,
    forMe: true,
  });
  const some = rows.length > 0 || props.after !== null;
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
        selecting={rows.length > 1 || props.after !== null}
        hasFactor={props.hasFactor}
        returnPath={props.page(props.after)}
      >
        {some ? <p className="card text-muted">No more requests.</p> : null}
      </DecidableRequests>
      <Pager first={props.after ? props.page(null) : null} next={last ? props.page(last.id) : null} />
    </section>
  );
}
