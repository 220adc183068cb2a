import type { Metadata } from "next";
import Link from "next/link";
import { ActivateButton } from "@/components/activation/activate-button";
import { EligibleBanner } from "@/components/activation/eligible-banner";
import { Countdown } from "@/components/time/countdown";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { activeRoles, eligibleRoles, hasFactor } from "@/lib/queries/my-roles";
import { activate, prepareActivation, searchActivationScopes } from "./my-roles/actions";

export const metadata: Metadata = { title: "Home" };

export default async function HomePage() {
  const caller = await requireCaller();
  const { database } = application();
  const [eligible, active, factor] = await Promise.all([
    eligibleRoles(database, caller),
    activeRoles(database, caller),
    hasFactor(database, caller),
  ]);
  const actions = { activate, prepare: prepareActivation, searchScopes: searchActivationScopes };
  const waiting = eligible.filter((row) => row.activeUntil === null);
  return (
    <>
      <EligibleBanner roles={waiting} hasFactor={factor} actions={actions} />
      <PageHeader
        title="Home"
        trail={null}
        description={`Signed in as ${caller.displayName}. What you hold now, and what you can take up.`}
      />
      <div className="grid gap-6 xl:grid-cols-2">
        <section aria-labelledby="active-heading">
          <h2 id="active-heading" className="mb-2">
            Active now
          </h2>
          {active.rows.filter((row) => !row.scheduled).length === 0 ? (
            <EmptyState title="No role is active">
              Nothing is held that is not needed. Activate a role when you have work to do with it.
            </EmptyState>
          ) : (
            <ul className="card grid gap-3">
              {active.rows
                .filter((row) => !row.scheduled)
                .slice(0, 10)
                .map((row) => (
                  <li key={row.id} className="flex items-center gap-3">
                    <span className="grow">
                      <strong>{row.roleName}</strong> on{" "}
                      <Link href={`/resources/${row.resourceId}`}>{row.resourceName}</Link>
                    </span>
                    {row.endsAt ? (
                      <Countdown endsAt={row.endsAt.toISOString()} now={active.now.toISOString()} />
                    ) : (
                      <span className="badge">Permanent</span>
                    )}
                  </li>
                ))}
            </ul>
          )}
        </section>
        <section aria-labelledby="eligible-heading">
          <h2 id="eligible-heading" className="mb-2">
            Roles you can activate
          </h2>
          {waiting.length === 0 ? (
            <EmptyState title="Nothing to activate">
              When an administrator makes you eligible for a role, it is listed here.
            </EmptyState>
          ) : (
            <ul className="card grid gap-3">
              {waiting.slice(0, 10).map((row) => (
                <li key={row.id} className="flex items-center gap-3">
                  <span className="grow">
                    <strong>{row.roleName}</strong> on{" "}
                    <Link href={`/resources/${row.resourceId}`}>{row.resourceName}</Link>
                    {row.groupName ? <span className="text-muted"> through {row.groupName}</span> : null}
                  </span>
                  <ActivateButton
                    eligibilityId={row.id}
                    roleName={row.roleName}
                    resourceName={row.resourceName}
                    resourceId={row.resourceId}
                    hasFactor={factor}
                    {...actions}
                  />
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </>
  );
}
