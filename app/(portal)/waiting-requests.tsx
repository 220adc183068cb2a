import Link from "next/link";
import { ActivateNow } from "@/components/requests/activate-now";
import { StatusBadge } from "@/components/requests/status-badge";
import { Countdown } from "@/components/ui/countdown";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { application } from "@/lib/platform/application";
import { hasFactor } from "@/lib/queries/activation/my-roles";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { myRequests } from "@/lib/queries/requests/requests";
import { requireCaller } from "@/lib/web/request";
import { prepareProvisioning, provision } from "./my-requests/actions";
import { toActivate } from "./my-requests/to-activate";

const shownAtMost = 5;

/**
 * Requests that the reader can decide, and the reader's own requests that wait for a code, for approval or for their
 * start.
 */
export async function WaitingRequests() {
  const caller = await requireCaller();
  const { database } = application();
  const [{ rows: forMe }, forOthers] = await Promise.all([
    requestsToDecide(database, caller, { search: "", after: null }),
    myRequests(database, caller, { before: null, waiting: true }),
  ]);
  if (forMe.length === 0 && forOthers.length === 0) return null;
  const approved = forOthers.flatMap((row) => toActivate(row) ?? []);
  const others = forOthers.filter((row) => toActivate(row) === null);
  const factor = approved.length > 0 && (await hasFactor(database, caller));
  return (
    <div className="mb-6 grid grid-cols-[minmax(0,1fr)] gap-6 xl:grid-cols-[repeat(2,minmax(0,1fr))]">
      {approved.length > 0 ? (
        <section aria-labelledby="approved-heading" className="xl:col-span-2">
          <h2 id="approved-heading" className="mb-2">
            Approved, waiting for your code
          </h2>
          <ul className="card grid divide-y divide-line py-1">
            {approved.map((row) => (
              <li key={row.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2 wrap-anywhere">
                <span className="min-w-0 flex-1 basis-48">
                  <strong>
                    <Name of={row.roleName} />
                  </strong>{" "}
                  on <Name of={row.resourceName} />
                  <span className="block text-muted">
                    Nothing is active yet. Time left to confirm:{" "}
                    <Countdown endsAt={row.expiresAt} now={row.now} />
                  </span>
                </span>
                <ActivateNow
                  request={row}
                  hasFactor={factor}
                  provision={provision}
                  prepareProvisioning={prepareProvisioning}
                />
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {forMe.length > 0 ? (
        <section aria-labelledby="to-decide-heading">
          <h2 id="to-decide-heading" className="mb-2">
            Requests waiting for me
          </h2>
          <ul className="card grid divide-y divide-line py-1">
            {forMe.slice(0, shownAtMost).map((row) => (
              <li key={row.id} className="py-2 wrap-anywhere">
                <strong>
                  <PrincipalName of={row.member} inline former />
                </strong>{" "}
                asks for{" "}
                <strong>
                  <Name of={row.roleName} />
                </strong>{" "}
                on <Name of={row.resourceName} />
                <span className="block text-muted">
                  <span className="block">
                    <LongText of={row.justification ?? "No reason was given."} />
                  </span>
                  Times out <Moment value={row.expiresAt} />
                </span>
              </li>
            ))}
          </ul>
          <p className="mt-2">
            <Link href="/approvals" className="tap">
              {forMe.length > shownAtMost ? "See all requests to approve" : "Approve requests"}
            </Link>
          </p>
        </section>
      ) : null}
      {others.length > 0 ? (
        <section aria-labelledby="asked-heading">
          <h2 id="asked-heading" className="mb-2">
            My pending requests
          </h2>
          <ul className="card grid divide-y divide-line py-1">
            {others.slice(0, shownAtMost).map((row) => (
              <li key={row.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2 wrap-anywhere">
                <span className="min-w-0 flex-1 basis-48">
                  <strong>
                    <Name of={row.roleName} />
                  </strong>{" "}
                  on <Name of={row.resourceName} />
                </span>
                <StatusBadge status={row.status} />
              </li>
            ))}
          </ul>
          <p className="mt-2">
            <Link href="/my-requests?show=waiting" className="tap">
              My pending requests
            </Link>
          </p>
        </section>
      ) : null}
    </div>
  );
}
