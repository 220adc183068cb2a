import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { cache } from "react";
import { EventDetails } from "@/components/audit/event-details";
import { actorOf, PrincipalAtEvent, targetOf } from "@/components/audit/principal-at-event";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { type AuditKind, auditKinds } from "@/lib/domain/audit/audit-kinds";
import { application } from "@/lib/platform/application";
import { findAuditEvent } from "@/lib/queries/audit/audit";
import { requireCaller } from "@/lib/web/request";

interface Parameters {
  params: Promise<{ eventId: string }>;
}

const open = cache(async (eventId: string) =>
  findAuditEvent(application().database, await requireCaller(), eventId),
);

export async function generateMetadata({ params }: Parameters): Promise<Metadata> {
  const found = await open((await params).eventId);
  return found ? { title: auditKinds[found.event.kind as AuditKind] ?? found.event.kind } : {};
}

function factorWords(factor: "Totp" | "RecoveryCode" | null): string {
  if (factor === null) return "–";
  return factor === "Totp" ? "Authenticator app" : "Recovery code";
}

export default async function AuditEventPage({ params }: Parameters) {
  const found = await open((await params).eventId);
  if (!found) notFound();
  const { event, requestStatus, linked } = found;
  const rows: [string, React.ReactNode][] = [
    ["Time", <Moment key="time" value={event.occurredAt} />],
    ["Outcome", event.outcome === "Success" ? "Success" : "Refused"],
    ["Failed rules", event.failedRules.join(", ") || "–"],
    [
      "Actor",
      <PrincipalAtEvent
        key="actor"
        of={actorOf(event)}
        withId
        otherwise={event.ipAddress ? "–" : "Postern, automatically"}
      />,
    ],
    ["Target", <PrincipalAtEvent key="target" of={targetOf(event)} withId />],
    ["Role", <Name key="role" of={event.roleName ?? "–"} />],
    ["Resource", <Name key="resource" of={event.resourceName ?? "–"} />],
    ["Scope", event.scope ? <Name key="scope" of={event.scope} className="font-mono" /> : "–"],
    ["Reason", <LongText key="reason" of={event.justification ?? "–"} />],
    [
      "Ticket",
      <Name key="ticket" of={[event.ticketSystem, event.ticketNumber].filter(Boolean).join(" ") || "–"} />,
    ],
    ["Factor", factorWords(event.factor)],
    ["IP address", event.ipAddress ?? "–"],
    ["Browser", <Name key="browser" of={event.userAgent ?? "–"} />],
    ["Session", event.sessionId ?? "–"],
    ["Request", event.request ? `${event.request.requestType}, ${requestStatus}` : "–"],
    ["Asked", event.request ? <Moment key="asked" value={event.request.createdAt} /> : "–"],
    ["Request id", event.requestId ?? "–"],
  ];
  return (
    <>
      <PageHeader
        title={auditKinds[event.kind as AuditKind] ?? event.kind}
        trail={[{ href: "/audit", label: "Audit log" }]}
        description="One event with all its details."
      />
      <div className="grid gap-5 xl:grid-cols-2">
        <section className="card">
          <h2 className="mb-2">What happened</h2>
          <dl>
            {rows.map(([label, value]) => (
              <div
                key={label}
                className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-3 sm:grid-cols-[8rem_minmax(0,1fr)] border-b border-line py-1.5 last:border-0"
              >
                <dt className="text-muted">{label}</dt>
                <dd className="wrap-anywhere">{value}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section className="card">
          <h2 className="mb-2">Details</h2>
          <EventDetails details={event.details} />
          <h2 className="mt-5 mb-2">Related events</h2>
          {linked.length === 0 ? <p className="text-muted">No related events.</p> : null}
          <ul>
            {linked.map((each) => (
              <li
                key={each.id}
                className="grid gap-x-3 border-b border-line py-1.5 last:border-0 sm:grid-cols-[10rem_minmax(0,1fr)]"
              >
                <span className="text-muted">
                  <Moment value={each.occurredAt} />
                </span>
                <span>
                  <Link href={`/audit/${each.id}`} className="tap">
                    {auditKinds[each.kind as AuditKind] ?? each.kind}
                  </Link>
                  {each.outcome === "Failure" ? ", refused" : null}
                  {each.actorName ? (
                    <span className="text-muted">
                      {" "}
                      by <PrincipalAtEvent of={actorOf(each)} inline />
                    </span>
                  ) : null}
                </span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </>
  );
}
