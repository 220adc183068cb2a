import { EmergencyBadge } from "@/components/requests/emergency-badge";
import { Reason } from "@/components/requests/reason";
import { StatusBadge } from "@/components/requests/status-badge";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { Moment } from "@/components/ui/moment";
import { Name, Sentence } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { historyPage } from "@/lib/domain/audit/history-page";
import { isWaiting } from "@/lib/domain/requests/request-state";
import { hoursInWords } from "@/lib/domain/time/schedule";
import type { OneRequest } from "@/lib/queries/requests/one-request";

/** What is requested and what happened to it, for readers who have nothing to decide. */
export function Facts({ of: { request, own }, histories }: { of: OneRequest; histories: boolean }) {
  const facts: [string, React.ReactNode][] = [
    [
      "Member",
      <PrincipalWithFormer
        key="member"
        of={request.member}
        inline
        href={histories ? historyPage(request.member.id) : undefined}
      />,
    ],
    ["Role", <Name key="role" of={request.roleName} />],
    [
      "Resource",
      <a key="resource" href={`/resources/${request.resourceId}`}>
        <Name of={request.resourceName} />
      </a>,
    ],
    ["Asked", <Moment key="asked" value={request.createdAt} />],
    ...(request.ticketNumber
      ? [
          [
            "Ticket",
            <Name
              key="ticket"
              of={[request.ticketNumber, request.ticketSystem].filter(Boolean).join(" in ")}
            />,
          ] as [string, React.ReactNode],
        ]
      : []),
    ...(request.startsAt && request.status !== "PendingApproval"
      ? [["From", <Moment key="from" value={request.startsAt} />] as [string, React.ReactNode]]
      : []),
    ...(request.endsAt
      ? [["Until", <Moment key="until" value={request.endsAt} />] as [string, React.ReactNode]]
      : request.durationMinutes
        ? [["For", hoursInWords(request.durationMinutes / 60)] as [string, React.ReactNode]]
        : []),
  ];
  return (
    <div className="card grid gap-4">
      <div>
        <span className="flex flex-wrap gap-2">
          <StatusBadge status={request.status} own={own} />
          {request.emergency ? <EmergencyBadge open={request.emergency === "Open"} /> : null}
        </span>
        {request.failureReasons.map((reason) => (
          <p key={reason} className="mt-1 wrap-anywhere">
            <Sentence of={reason} />
          </p>
        ))}
        {isWaiting(request.status)
          ? request.lapsed.map((each) => (
              <p key={each.id} className="mt-1 text-muted wrap-anywhere">
                <PrincipalName of={each} inline /> approved, but is no longer an approver, so this does not
                count
              </p>
            ))
          : null}
      </div>
      <Reason text={request.justification} />
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {facts.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
