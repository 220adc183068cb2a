import type { Metadata } from "next";
import { EligibleBanner } from "@/components/activation/eligible-banner";
import { canActivate } from "@/components/activation/role-state";
import { GettingStartedCard } from "@/components/preferences/getting-started";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { openAlerts } from "@/lib/queries/alerts/open-alerts";
import { dismissSteps, testMail } from "./actions";
import { frame } from "./frame-data";
import { ActiveNow } from "./home/active-now";
import { Asked } from "./home/asked";
import { FavouritePlaces } from "./home/favourite-places";
import { NeedsYou, needsSomething } from "./home/needs-you";
import { ActivatedNow, Figures, LatestEvents, organisationState } from "./home/organisation";
import { readHome } from "./home/read-home";
import { ToActivate } from "./home/to-activate";
import * as roles from "./my-roles/actions";

export const metadata: Metadata = { title: "Home" };

const actions = {
  activate: roles.activate,
  prepare: roles.prepareActivation,
  searchScopes: roles.searchActivationScopes,
};

/**
 * What the reader holds, what waits for them and what they can activate. For readers who may read the access of
 * others, its state as well.
 */
export default async function HomePage() {
  // First the queries of the frame. The same query is not sent twice while it is pending.
  const { caller } = await frame();
  const alerts = openAlerts(application().database, caller);
  const [home, state] = await Promise.all([readHome(caller, alerts), organisationState(caller, alerts)]);
  const { held, needs, asked, daily, others, toActivate, favourites, bundles, started } = home;
  // The longer of the organisation's two lists goes where there is more room.
  const busy = needs.eligible || needsSomething(needs);
  // What readers most likely want comes first, on a phone too.
  const idle = held.rows.length === 0;
  const activate = (
    <ToActivate bundles={bundles} daily={daily} others={others} hasFactor={needs.factor.enrolled} />
  );
  return (
    <>
      <EligibleBanner
        roles={toActivate.filter((row) => canActivate(row.taken))}
        hasFactor={needs.factor.enrolled}
        actions={actions}
      />
      <PageHeader title="Home" trail={null} description={`Signed in as ${isolated(caller.displayName)}.`} />
      {started ? <GettingStartedCard state={started} sendTest={testMail} dismiss={dismissSteps} /> : null}
      {state ? (
        <Columns
          first={
            <>
              <NeedsYou needs={needs} />
              {needs.eligible ? activate : null}
              {busy ? <ActivatedNow state={state} /> : <LatestEvents state={state} />}
            </>
          }
          second={
            <>
              <ActiveNow held={held} hasFactor={needs.factor.enrolled} />
              <Asked rows={asked} />
              <FavouritePlaces resources={favourites} />
              <Figures state={state} />
              {busy ? <LatestEvents state={state} /> : <ActivatedNow state={state} />}
            </>
          }
        />
      ) : (
        <Columns
          first={
            <>
              {idle ? null : <ActiveNow held={held} hasFactor={needs.factor.enrolled} />}
              <NeedsYou needs={needs} />
              {idle ? activate : null}
            </>
          }
          second={
            <>
              {idle ? <ActiveNow held={held} hasFactor={needs.factor.enrolled} /> : activate}
              <FavouritePlaces resources={favourites} />
              <Asked rows={asked} />
            </>
          }
        />
      )}
    </>
  );
}

/** Two columns, one below the other on narrow screens. */
function Columns({ first, second }: { first: React.ReactNode; second: React.ReactNode }) {
  const column = "grid grid-cols-[minmax(0,1fr)] content-start gap-6";
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6 xl:grid-cols-[repeat(2,minmax(0,1fr))]">
      <div className={column}>{first}</div>
      <div className={column}>{second}</div>
    </div>
  );
}
