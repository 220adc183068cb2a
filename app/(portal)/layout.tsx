import { Frame } from "@/components/shell/frame";
import { MainPane } from "@/components/shell/main-pane";
import { RefreshOnBack } from "@/components/shell/refresh-on-back";
import { OwnFactorsProvider } from "@/components/ui/forms/own-factors";
import { ReaderZone } from "@/components/ui/moment";
import { ReaderTimesProvider } from "@/components/ui/reader-times";
import { ServerClock } from "@/components/ui/server-clock";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { application } from "@/lib/platform/application";
import { confirmingFor } from "@/lib/platform/confirming-providers";
import { countInWords } from "@/lib/queries/requests/waiting-for-me";
import { chosenTimes, readerTimes } from "@/lib/web/reader-zone";
import { frame, openFrame, waitingForMe } from "./frame-data";
import { TopBar } from "./top-bar";

/** Reads nothing more itself, so that its parts and the page load at the same time. */
export default async function PortalLayout({ children }: { children: React.ReactNode }) {
  await openFrame();
  const chosen = (await chosenTimes()).zone !== null;
  return (
    <ReaderTimesProvider times={await readerTimes()} chosen={chosen}>
      <OwnFactorsProvider factors={ownFactors()}>
        <a href="#main" className="skip-link">
          Skip to content
        </a>
        <RefreshOnBack />
        <TopBar />
        <Frame pane={<Pane />} zone={<ZoneOfTimes />}>
          {children}
        </Frame>
      </OwnFactorsProvider>
    </ReaderTimesProvider>
  );
}

/** Which factors the caller has, for the forms that ask for one. Not awaited: the page does not wait for it. */
async function ownFactors() {
  const { factors } = await frame();
  const { identityProviders, publicUrl } = application().configuration;
  const possible = relyingPartyOf(publicUrl) !== null;
  const providers = confirmingFor(identityProviders, factors.issuers).map(({ id, name, stepUp }) => ({
    ...{ id, name, phishingResistant: stepUp.phishingResistant.length > 0 },
  }));
  return {
    app: factors.app,
    appsAccepted: factors.appsAccepted,
    passkeys: factors.passkeys && possible,
    possible,
    providers,
  };
}

/** The zone of the page's times, and the server's clock, from which the browser counts. */
async function ZoneOfTimes() {
  const { now } = await frame();
  return (
    <>
      <ServerClock now={now.toISOString()} />
      <ReaderZone now={now} />
    </>
  );
}

async function Pane() {
  const [{ rights }, toDecide] = await Promise.all([frame(), waitingForMe()]);
  return <MainPane rights={rights} waiting={countInWords(toDecide)} />;
}
