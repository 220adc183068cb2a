import { RequestTable } from "@/components/renewals/request-table";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { listExtensionRequests } from "@/lib/queries/extension-requests";
import { decide, prepareDecision } from "../resources/[resourceId]/assignments/requests/actions";

/** The oldest requests to extend or renew that the caller may decide on, wherever they are; nothing when none wait. */
export async function ExtensionsToDecide({ hasFactor }: { hasFactor: boolean }) {
  const caller = await requireCaller();
  const { now, rows } = await listExtensionRequests(application().database, caller, {
    resourceId: null,
    after: null,
  });
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby="extensions" className="mt-8">
      <h2 id="extensions">Requests to extend or renew</h2>
      <p className="mt-1 mb-3 text-muted">Members who need their access for longer, the oldest first.</p>
      <RequestTable
        rows={rows}
        now={now}
        hasFactor={hasFactor}
        submit={decide}
        prepare={prepareDecision}
        returnPath="/approvals"
      />
    </section>
  );
}
