import { EventSentence } from "@/components/audit/event-list";
import { FigureTile } from "@/components/figures/figure-tile";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { Row, Section } from "@/components/ui/section";
import { alertsCountedAtMost } from "@/lib/domain/alerts/alerts";
import { auditGroups } from "@/lib/domain/audit/audit-kinds";
import { eventSentence } from "@/lib/domain/audit/event-sentence";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import type { OpenAlertsOfCaller } from "@/lib/queries/alerts/open-alerts";
import { firstActivated } from "@/lib/queries/assignments/activated-now";
import { listAuditEvents } from "@/lib/queries/audit/audit";
import { wholeLog } from "@/lib/queries/audit/audit-conditions";
import { accessNow } from "@/lib/queries/figures/access-now";
import { accessAddress } from "@/lib/web/access-address";
import { frame } from "../frame-data";
import { HomeList } from "./home-list";

const everywhere = { resourceId: null, below: true } as const;
const listedAtMost = 6;
/** Everything except sign-ins, of which there are too many. */
const aboutAccess = {
  ...wholeLog,
  kinds: auditGroups.filter(({ kinds }) => !kinds.includes("SignIn")).flatMap(({ kinds }) => kinds),
};

/**
 * The state of what the reader may read: figures, who holds what now, and the latest events. Null if they may read
 * nothing.
 */
export async function organisationState(caller: Caller, alerts: Promise<OpenAlertsOfCaller>) {
  // Readers who may read no access are not shown the log here.
  if (!(await frame()).rights.access) return null;
  const { database } = application();
  const [figures, log, held, { readable }] = await Promise.all([
    accessNow(database, caller, everywhere),
    listAuditEvents(database, caller, aboutAccess, null, listedAtMost),
    firstActivated(database, caller, listedAtMost),
    alerts,
  ]);
  return figures && { figures, held, events: log.events, alerts: readable };
}

export type OrganisationState = NonNullable<Awaited<ReturnType<typeof organisationState>>>;

/** The figures of the organisation, or of the part that the reader may read, each with its list. */
export function Figures({ state: { figures, alerts } }: { state: OrganisationState }) {
  const [first] = alerts;
  const counted = alerts.every((each) => each.count <= alertsCountedAtMost);
  const high = alerts.reduce((sum, each) => sum + each.high, 0);
  const rest = alerts.reduce((sum, each) => sum + each.count - each.high, 0);
  return (
    <Section
      id="organisation-heading"
      title="In the organisation"
      aside={
        <a href="/dashboard" className="tap">
          Dashboard
        </a>
      }
    >
      <div className="grid grid-cols-2 gap-3 [&>a]:content-start">
        <FigureTile
          label="Active, activated"
          value={figures.Activated}
          href={accessAddress({ ...everywhere, state: "Activated" })}
        />
        <FigureTile
          label="Active, assigned"
          value={figures.Assigned}
          href={accessAddress({ ...everywhere, state: "Assigned" })}
        />
        <FigureTile label="Pending requests" value={figures.pendingRequests} href="/assignments/pending" />
        <FigureTile
          label="Open alerts"
          value={high + rest}
          note={`${high} of high severity${counted ? "" : `; counted up to ${alertsCountedAtMost} of a kind`}`}
          href={first ? `/resources/${first.resourceId}/alerts` : "/dashboard"}
        />
      </div>
    </Section>
  );
}

/** Who has a role activated now. Those that end first come first. */
export function ActivatedNow({ state: { held } }: { state: OrganisationState }) {
  return (
    <HomeList
      id="held-heading"
      title="Who is active now"
      all={{ href: accessAddress({ ...everywhere, state: "Activated" }), label: "See all" }}
      none={<p className="card p-4 text-muted">Nobody has a role activated.</p>}
    >
      {held.map((row) => (
        <Row
          key={row.id}
          end={
            <span className="text-muted">
              Until <Moment value={row.endsAt} />
            </span>
          }
        >
          <strong>
            <PrincipalName of={row.member} inline />
          </strong>
          <span className="block">
            <Name of={row.roleName} /> on{" "}
            <a href={`/resources/${row.resourceId}`}>
              <Name of={row.resourceName} />
            </a>
          </span>
        </Row>
      ))}
    </HomeList>
  );
}

/** The latest events that the reader may read. */
export function LatestEvents({ state: { events } }: { state: OrganisationState }) {
  return (
    <HomeList id="events-heading" title="Latest events" all={{ href: "/audit", label: "Audit log" }}>
      {events.map((event) => (
        <Row
          key={event.id}
          end={
            <a href={`/audit/${event.id}`} className="text-muted">
              <Moment value={event.occurredAt} />
            </a>
          }
        >
          {event.outcome === "Failure" ? <span className="badge badge-danger mr-2">Refused</span> : null}
          <EventSentence of={eventSentence(event)} />
        </Row>
      ))}
    </HomeList>
  );
}
