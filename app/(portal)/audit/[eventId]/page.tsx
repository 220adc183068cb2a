import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { EventDetails } from "@/components/audit/event-details";
import { EventIds } from "@/components/audit/event-ids";
import { EventSentence } from "@/components/audit/event-list";
import { actorOf, PrincipalAtEvent, targetOf } from "@/components/audit/principal-at-event";
import { RelatedEvents } from "@/components/audit/related-events";
import { StatusBadge } from "@/components/requests/status-badge";
import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { type AuditKind, auditKinds } from "@/lib/domain/audit/audit-kinds";
import { factorInWords } from "@/lib/domain/audit/event-row";
import { eventSentence } from "@/lib/domain/audit/event-sentence";
import { historyPage } from "@/lib/domain/audit/history-page";
import { requestTypeWords } from "@/lib/domain/requests/request-words";
import { application } from "@/lib/platform/application";
import { findAuditEvent } from "@/lib/queries/audit/audit-event";
import { requireCaller } from "@/lib/web/request";

interface Parameters {
  params: Promise<{ eventId: string }>;
}

const open = cache(async (eventId: string) =>
  findAuditEvent(application().database, await requireCaller(), eventId),
);

const titleOf = (kind: string) => auditKinds[kind as AuditKind] ?? kind;

export async function generateMetadata({ params }: Parameters): Promise<Metadata> {
  const found = await open((await params).eventId);
  return found ? { title: titleOf(found.event.kind) } : {};
}

export default async function AuditEventPage({ params }: Parameters) {
  const found = await open((await params).eventId);
  if (!found) notFound();
  const { event, approvers, historiesOf, requestStatus, linked, newer, older } = found;
  const people = [actorOf(event), event.targetId === event.actorId ? null : targetOf(event)].filter(
    (each) => each !== null,
  );
  const factor = factorInWords(event.factor);
  const ticket = [event.ticketNumber, event.ticketSystem].filter(Boolean).join(" in ");
  const facts: (readonly [label: string, value: React.ReactNode])[] = [
    ["When", <Moment key="when" value={event.occurredAt} />],
    [
      "Who",
      <PrincipalAtEvent
        key="who"
        of={actorOf(event)}
        otherwise={event.ipAddress ? "Nobody signed in" : "Postern, automatically"}
      />,
    ],
    ...(event.targetName ? [["Whom", <PrincipalAtEvent key="whom" of={targetOf(event)} />] as const] : []),
    ...(event.roleName ? [["Role", <Name key="role" of={event.roleName} />] as const] : []),
    ...(event.resourceName
      ? [
          [
            "Where",
            <span key="where">
              {event.resourceId ? (
                <a href={`/resources/${event.resourceId}`}>
                  <Name of={event.resourceName} />
                </a>
              ) : (
                <Name of={event.resourceName} />
              )}
              {event.scope ? (
                <span className="event-id">
                  <code>
                    <bdi>
                      <Name of={event.scope} />
                    </bdi>
                  </code>
                  <CopyButton text={event.scope} label="the scope" />
                </span>
              ) : null}
            </span>,
          ] as const,
        ]
      : []),
    ["Reason", event.justification ? <LongText key="why" of={event.justification} /> : <None key="why" />],
    ...(ticket ? [["Ticket", <Name key="ticket" of={ticket} />] as const] : []),
    ...(approvers.length > 0
      ? [["Approved by", <LongText key="approvers" of={approvers.join(", ")} />] as const]
      : []),
    ["Factor", factor ?? <None key="factor" />],
    ...(event.failedRules.length > 0 ? [["Failed rules", event.failedRules.join(", ")] as const] : []),
    ...(event.request
      ? [
          [
            "Request",
            <span key="request" className="flex flex-wrap items-center gap-x-2">
              <a href={`/requests/${event.request.id}`}>{requestTypeWords[event.request.requestType]}</a>
              {requestStatus ? <StatusBadge status={requestStatus} /> : null}
              <span className="text-muted">
                asked <Moment value={event.request.createdAt} />
              </span>
            </span>,
          ] as const,
        ]
      : []),
    ...(event.ipAddress ? [["IP address", event.ipAddress] as const] : []),
    ...(event.userAgent ? [["Browser", <Name key="browser" of={event.userAgent} />] as const] : []),
  ];
  return (
    <>
      <PageHeader
        title={titleOf(event.kind)}
        trail={[{ href: "/audit", label: "Audit log" }]}
        description={
          <span className="event-sentence">
            {event.outcome === "Failure" ? <span className="badge badge-danger">Refused</span> : null}{" "}
            <EventSentence of={eventSentence(event)} />
          </span>
        }
      >
        <nav aria-label="Events beside this one" className="flex flex-wrap gap-2">
          <Beside id={newer} label="Newer event" icon="arrow-up" />
          <Beside id={older} label="Older event" icon="arrow-down" />
        </nav>
        {people.map(({ id, displayName }) =>
          id !== null && historiesOf.includes(id) ? (
            <a key={id} className="button" href={historyPage(id)}>
              <span className="max-w-72 truncate">
                History of <Name of={displayName} />
              </span>
            </a>
          ) : null,
        )}
      </PageHeader>
      <div className="grid gap-5 xl:grid-cols-2">
        <section className="card" aria-labelledby="event-facts">
          <h2 id="event-facts" className="mb-2">
            Event
          </h2>
          <dl className="event-facts">
            {facts.map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section className="card" aria-labelledby="event-details">
          <h2 id="event-details" className="mb-2">
            Details
          </h2>
          <EventDetails details={event.details} />
        </section>
        <RelatedEvents events={linked} />
        <EventIds event={event} />
      </div>
    </>
  );
}

function None() {
  return <span className="text-muted">None</span>;
}

function Beside(props: { id: string | null; label: string; icon: "arrow-up" | "arrow-down" }) {
  if (!props.id) return null;
  return (
    <a className="button" href={`/audit/${props.id}`}>
      <Icon name={props.icon} size={15} /> {props.label}
    </a>
  );
}
