import type { Metadata } from "next";
import Link from "next/link";
import { OpenReviewsBanner } from "@/components/access-reviews/open-reviews-banner";
import { DailyRoles } from "@/components/activation/daily-roles";
import { EligibleBanner } from "@/components/activation/eligible-banner";
import { ActivateRole, EndTaken } from "@/components/activation/role-actions";
import { RoleState } from "@/components/activation/role-state";
import { Countdown } from "@/components/ui/countdown";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { reviewsForMe } from "@/lib/queries/access-reviews/access-review-items";
import { dailyRoles } from "@/lib/queries/activation/daily-roles";
import { activeRoles, eligibleRoles, hasFactor, wholeList } from "@/lib/queries/activation/my-roles";
import { requireCaller } from "@/lib/web/request";
import { cancel } from "./my-requests/actions";
import {
  activate,
  deactivate,
  keepFavourite,
  moveFavouriteUp,
  prepareActivation,
  searchActivationScopes,
} from "./my-roles/actions";
import { WaitingRequests } from "./waiting-requests";

export const metadata: Metadata = { title: "Home" };

export default async function HomePage() {
  const caller = await requireCaller();
  const { database } = application();
  const [eligible, daily, active, reviews, factor] = await Promise.all([
    eligibleRoles(database, caller, wholeList),
    dailyRoles(database, caller),
    activeRoles(database, caller, wholeList),
    reviewsForMe(database, caller),
    hasFactor(database, caller),
  ]);
  const actions = { activate, prepare: prepareActivation, searchScopes: searchActivationScopes };
  const ends = { deactivate, cancelRequest: cancel };
  // Approved roles that wait for a code are listed above, so they are left out here.
  const waiting = eligible.rows.filter(
    (row) => row.taken?.state !== "Active" && row.waiting !== "PendingProvisioning",
  );
  const others = waiting.filter(
    (row) =>
      !daily.some(
        (each) => each.roleDefinitionId === row.roleDefinitionId && each.resourceId === row.resourceId,
      ),
  );
  const activeNow = active.rows.filter((row) => !row.scheduled);
  return (
    <>
      <EligibleBanner roles={waiting} hasFactor={factor} actions={actions} />
      <PageHeader
        title="Home"
        trail={null}
        description={`Signed in as ${isolated(caller.displayName)}. Your active roles, and roles you can activate.`}
      />
      <OpenReviewsBanner reviews={reviews} />
      <WaitingRequests />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6 xl:grid-cols-[repeat(2,minmax(0,1fr))]">
        {daily.length > 0 ? (
          <section aria-labelledby="daily-heading" className="xl:col-span-2">
            <h2 id="daily-heading" className="mb-2">
              Favourites and recent
            </h2>
            <DailyRoles
              roles={daily}
              hasFactor={factor}
              actions={actions}
              ends={ends}
              keep={keepFavourite}
              raise={moveFavouriteUp}
            />
          </section>
        ) : null}
        <section aria-labelledby="active-heading">
          <h2 id="active-heading" className="mb-2">
            Active now
          </h2>
          {activeNow.length === 0 ? (
            <EmptyState title="No role is active">
              Activate a role when you need it. It ends by itself.
            </EmptyState>
          ) : (
            <ul className="card grid divide-y divide-line py-1">
              {activeNow.slice(0, 10).map((row) => (
                <li key={row.id} className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-1 py-2">
                  <span className="min-w-0 flex-1 basis-48">
                    <strong>
                      <Name of={row.roleName} />
                    </strong>{" "}
                    on{" "}
                    <Link href={`/resources/${row.resourceId}`} className="touch:py-3">
                      <Name of={row.resourceName} />
                    </Link>
                  </span>
                  {row.endsAt ? (
                    <Countdown endsAt={row.endsAt.toISOString()} now={row.now.toISOString()} />
                  ) : (
                    <span className="badge">Permanent</span>
                  )}
                </li>
              ))}
            </ul>
          )}
          {active.rows.length > 0 ? (
            <p className="mt-2">
              <Link href="/my-roles?tab=active" className="tap">
                Active roles
              </Link>
            </p>
          ) : null}
        </section>
        {others.length > 0 || daily.length === 0 ? (
          <section aria-labelledby="eligible-heading">
            <h2 id="eligible-heading" className="mb-2">
              {daily.length > 0 ? "Other roles you can activate" : "Roles you can activate"}
            </h2>
            {others.length === 0 ? (
              <EmptyState title="Nothing to activate">
                When an administrator makes you eligible for a role, it is listed here.
              </EmptyState>
            ) : (
              <ul className="card grid divide-y divide-line py-1">
                {others.slice(0, 10).map((row) => (
                  <li key={row.id} className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-1 py-2">
                    <span className="min-w-0 flex-1 basis-48">
                      <strong>
                        <Name of={row.roleName} />
                      </strong>{" "}
                      on{" "}
                      <Link href={`/resources/${row.resourceId}`} className="touch:py-3">
                        <Name of={row.resourceName} />
                      </Link>
                      {row.group ? (
                        <span className="text-muted">
                          {" "}
                          through <PrincipalName of={row.group} inline />
                        </span>
                      ) : null}
                    </span>
                    <RoleState taken={row.taken} now={row.now} />
                    <EndTaken role={row} actions={ends} />
                    <ActivateRole role={row} hasFactor={factor} {...actions} />
                  </li>
                ))}
              </ul>
            )}
            {others.length > 0 ? (
              <p className="mt-2">
                <Link href="/my-roles" className="tap">
                  See all eligible roles, or activate several
                </Link>
              </p>
            ) : null}
          </section>
        ) : null}
      </div>
    </>
  );
}
