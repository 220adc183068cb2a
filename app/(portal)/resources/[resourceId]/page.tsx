import { SeverityBadge } from "@/components/alerts/severity-badge";
import { ActivationsChart, AssignmentTypesChart } from "@/components/figures/access-charts";
import { AccessTiles } from "@/components/figures/access-tiles";
import { MfaCoverageCard } from "@/components/figures/coverage-card";
import { KindsCard } from "@/components/figures/kinds-card";
import { RolesChart } from "@/components/figures/roles-chart";
import { SeriesPatterns } from "@/components/figures/series-drawn";
import { StandingChart } from "@/components/figures/standing-chart";
import { StillCountingNote } from "@/components/figures/still-counting-note";
import { ResourceIcon } from "@/components/resources/resource-icon";
import { trailTo } from "@/components/resources/resource-trail";
import { Icon } from "@/components/ui/icon";
import { Name } from "@/components/ui/name";
import { LinkTabs, PageHeader } from "@/components/ui/page-parts";
import { openAlertsText } from "@/lib/domain/alerts/alerts";
import { standingPoints } from "@/lib/domain/figures/access-figures";
import { resourceTypeInWords } from "@/lib/domain/resources/resource-type";
import { application } from "@/lib/platform/application";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import { accessFigures } from "@/lib/queries/figures/access-figures";
import { mfaCoverage } from "@/lib/queries/figures/mfa-coverage";
import { stillCounting } from "@/lib/queries/figures/still-counting";
import { childrenOf } from "@/lib/queries/resources/resource-tree";
import { accessAddress } from "@/lib/web/access-address";
import { readerTimeZone } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { highestOpenAlerts, openResource, reviewsToCloseAt } from "../open-resource";
import { typesInWords } from "../types-in-words";

interface Parameters {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function OverviewPage({ params, searchParams }: Parameters) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, null);
  const caller = await requireCaller();
  const { configuration, database } = application();
  const place = { resourceId: resource.id, below: (await searchParams).below === "1" };
  const counting = await stillCounting(database, caller, place);
  const [figures, mfa, parts, alerts, emergencies, types] = await Promise.all([
    counting
      ? null
      : accessFigures(database, caller, place, {
          days: 7,
          points: standingPoints,
          timeZone: await readerTimeZone(),
        }),
    mfaCoverage(database, caller, place, confirmingIssuers(configuration.identityProviders)),
    childrenOf(database, caller, [resource.id]),
    highestOpenAlerts(resource.id),
    reviewsToCloseAt(resource.id),
    typesInWords(),
  ]);
  const below = parts.get(resource.id);
  const base = `/resources/${resource.id}`;
  const whatIsCounted = (
    <LinkTabs
      label="What is counted"
      tabs={[
        { href: base, label: "This resource", current: !place.below },
        { href: `${base}?below=1`, label: "And below", current: place.below },
      ]}
    />
  );
  const directlyBelow = (
    <section className="card">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4">
        <h2>Directly below</h2>
        {resource.may.writeResources ? <a href={`${base}/add`}>Add resource</a> : null}
      </div>
      {below ? (
        <ul className="grid gap-x-6 gap-y-1.5 touch:gap-y-0 sm:grid-cols-[repeat(auto-fill,minmax(18rem,1fr))]">
          {below.nodes.map((child) => (
            <li key={child.id} className="flex min-w-0 items-center gap-2">
              <ResourceIcon type={child.resourceType} own={types} />
              <a href={`/resources/${child.id}`} className="tap min-w-0">
                <span className="truncate">
                  <Name of={child.displayName} />
                </span>
              </a>
              <span className="max-w-1/2 shrink-0 truncate text-muted">
                {resourceTypeInWords(child.resourceType, types)}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="text-muted">There is nothing below this resource.</p>
      )}
      {below?.more ? (
        <p className="mt-3">
          <a href={`/resources?${new URLSearchParams({ view: "list", search: resource.scope })}`}>
            Show all as a list
          </a>
        </p>
      ) : null}
    </section>
  );
  return (
    <>
      <PageHeader
        title={resource.displayName}
        trail={trailTo(resource)}
        description={
          <>
            {resourceTypeInWords(resource.resourceType, types)} · <code>{resource.scope}</code>
          </>
        }
      >
        {emergencies ? (
          <a className="button" href="/approvals#emergencies">
            <Icon name="triangle-alert" size={15} className="text-danger" /> {emergencies}{" "}
            {emergencies === "1" ? "emergency" : "emergencies"} to review
          </a>
        ) : null}
        {alerts ? (
          <a className="button" href={`${base}/alerts`}>
            <SeverityBadge severity={alerts.severity} /> {openAlertsText(alerts.count)} open{" "}
            {alerts.count === 1 ? "alert" : "alerts"}
          </a>
        ) : null}
        {resource.may.writeResources && resource.parentId !== null ? (
          <a className="button" href={`${base}/manage`}>
            Manage
          </a>
        ) : null}
        {resource.may.writeEligibility || resource.may.writeAssignment ? (
          <a className="button button-primary" href={`${base}/assignments/add`}>
            Add assignments
          </a>
        ) : null}
      </PageHeader>
      {figures ? (
        <>
          <SeriesPatterns />
          {whatIsCounted}
          <AccessTiles figures={figures} place={place} />
          <div className="grid gap-5 xl:grid-cols-3">
            <ActivationsChart
              figures={figures}
              place={place}
              title="Activations over seven days by role"
              className="xl:col-span-2"
            />
            <AssignmentTypesChart figures={figures} place={place} />
            <StandingChart
              figures={figures}
              place={place}
              reduceAt={place.below ? resource.id : null}
              className="xl:col-span-2"
            />
            <KindsCard figures={figures} place={place} />
            <div className="grid content-start gap-5 xl:col-span-2">
              {mfa ? <MfaCoverageCard mfa={mfa} place={place} /> : null}
              {directlyBelow}
            </div>
            <RolesChart
              figures={figures}
              place={place}
              roleHref={(roleDefinitionId) =>
                place.below
                  ? accessAddress({ ...place, roleDefinitionId })
                  : `${base}/roles/${roleDefinitionId}`
              }
            />
          </div>
        </>
      ) : counting ? (
        <>
          {whatIsCounted}
          <StillCountingNote />
          <div className="grid gap-5">
            {mfa ? <MfaCoverageCard mfa={mfa} place={place} /> : null}
            {directlyBelow}
          </div>
        </>
      ) : (
        directlyBelow
      )}
    </>
  );
}
