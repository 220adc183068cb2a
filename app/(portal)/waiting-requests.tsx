import Link from "next/link";
import { StatusBadge } from "@/components/requests/status-badge";
import { Moment } from "@/components/time/moment";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { requestsToDecide } from "@/lib/queries/approvals";
import { myRequests } from "@/lib/queries/requests";

const shownAtMost = 5;

/** Requests that wait for the reader, and the reader's own that wait for others or for their start; none, nothing. */
export async function WaitingRequests() {
  const caller = await requireCaller();
  const { database } = application();
  const [{ rows: forMe }, forOthers] = await Promise.all([
    requestsToDecide(database, caller, { search: "", after: null }),
    myRequests(database, caller, { before: null, waiting: true }),
  ]);
  if (forMe.length === 0 && forOthers.length === 0) return null;
  return (
    <div className="mb-6 grid grid-cols-[minmax(0,1fr)] gap-6 xl:grid-cols-[repeat(2,minmax(0,1fr))]">
      {forMe.length > 0 ? (
        <section aria-labelledby="to-decide-heading">
          <h2 id="to-decide-heading" className="mb-2">
            Requests waiting for me
          </h2>
          <ul className="card grid divide-y divide-line py-1">
            {forMe.slice(0, shownAtMost).map((row) => (
              <li key={row.id} className="py-2 wrap-anywhere">
                <strong>{row.memberName}</strong> asks for <strong>{row.roleName}</strong> on{" "}
                {row.resourceName}
                <span className="block text-muted">
                  <span className="block">{row.justification ?? "No reason was given."}</span>
                  Times out <Moment value={row.expiresAt} />
                </span>
              </li>
            ))}
          </ul>
          <p className="mt-2">
            <Link href="/approvals" className="tap">
              {forMe.length > shownAtMost ? "Approve requests, and see the others" : "Approve requests"}
            </Link>
          </p>
        </section>
      ) : null}
      {forOthers.length > 0 ? (
        <section aria-labelledby="asked-heading">
          <h2 id="asked-heading" className="mb-2">
            My requests that wait
          </h2>
          <ul className="card grid divide-y divide-line py-1">
            {forOthers.slice(0, shownAtMost).map((row) => (
              <li key={row.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2 wrap-anywhere">
                <span className="min-w-0 flex-1 basis-48">
                  <strong>{row.roleName}</strong> on {row.resourceName}
                </span>
                <StatusBadge status={row.status} />
              </li>
            ))}
          </ul>
          <p className="mt-2">
            <Link href="/my-requests?show=waiting" className="tap">
              My requests that wait
            </Link>
          </p>
        </section>
      ) : null}
    </div>
  );
}
