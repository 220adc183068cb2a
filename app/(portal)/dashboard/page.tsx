import type { Metadata } from "next";
import { ActivationsChart, AssignmentTypesChart } from "@/components/figures/access-charts";
import { AccessTiles } from "@/components/figures/access-tiles";
import { MfaCoverageCard } from "@/components/figures/coverage-card";
import { KindsCard } from "@/components/figures/kinds-card";
import { RolesChart } from "@/components/figures/roles-chart";
import { SeriesPatterns } from "@/components/figures/series-drawn";
import { StandingChart } from "@/components/figures/standing-chart";
import { StillCountingNote } from "@/components/figures/still-counting-note";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { standingPoints } from "@/lib/domain/figures/access-figures";
import { application } from "@/lib/platform/application";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import { topOfStandingAccess } from "@/lib/queries/assignments/standing-roles";
import { accessFigures } from "@/lib/queries/figures/access-figures";
import { mfaCoverage } from "@/lib/queries/figures/mfa-coverage";
import { stillCounting } from "@/lib/queries/figures/still-counting";
import { accessAddress } from "@/lib/web/access-address";
import { readerTimeZone } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";

export const metadata: Metadata = { title: "Dashboard" };

const everywhere = { resourceId: null, below: true };

export default async function DashboardPage() {
  const caller = await requireCaller();
  const { configuration, database } = application();
  const counting = await stillCounting(database, caller, everywhere);
  const [figures, mfa, top] = await Promise.all([
    counting
      ? null
      : accessFigures(database, caller, everywhere, {
          days: 30,
          points: standingPoints,
          timeZone: await readerTimeZone(),
        }),
    mfaCoverage(
      database,
      caller,
      { resourceId: null, below: true },
      confirmingIssuers(configuration.identityProviders),
    ),
    topOfStandingAccess(database, caller),
  ]);
  const header = (
    <PageHeader title="Dashboard" description="Access on every resource whose assignments you may read." />
  );
  if (counting && mfa)
    return (
      <>
        {header}
        <StillCountingNote />
        <MfaCoverageCard mfa={mfa} place={everywhere} />
      </>
    );
  if (!figures || !mfa)
    return (
      <>
        {header}
        <EmptyState title="No access to show">
          You need a role that can read assignments, such as Reader. See what you can activate under{" "}
          <a href="/my-roles">My roles</a>.
        </EmptyState>
      </>
    );
  return (
    <>
      {header}
      <SeriesPatterns />
      <AccessTiles figures={figures} place={everywhere} />
      <div className="grid gap-5 xl:grid-cols-3">
        <ActivationsChart
          figures={figures}
          place={everywhere}
          title="Activations over thirty days by role"
          className="xl:col-span-2"
        />
        <AssignmentTypesChart figures={figures} place={everywhere} />
        <StandingChart figures={figures} place={everywhere} reduceAt={top} className="xl:col-span-2" />
        <RolesChart
          figures={figures}
          place={everywhere}
          roleHref={(roleDefinitionId) => accessAddress({ ...everywhere, roleDefinitionId })}
        />
        <div className="grid xl:col-span-2">
          <MfaCoverageCard mfa={mfa} place={everywhere} />
        </div>
        <KindsCard figures={figures} place={everywhere} />
      </div>
    </>
  );
}
