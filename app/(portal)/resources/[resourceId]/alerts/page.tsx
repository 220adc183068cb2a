import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { z } from "zod";
import { AlertGroups } from "@/components/alerts/alert-groups";
import { AlertLine, alertSubject } from "@/components/alerts/alert-line";
import { ScanNow } from "@/components/alerts/scan-now";
import { trailInside } from "@/components/resources/resource-trail";
import { Icon } from "@/components/ui/icon";
import { FilterChips } from "@/components/ui/lists/chips";
import { ListFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { EmptyState, LinkTabs, PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import {
  type AlertKind,
  type AlertSeverity,
  alertDescriptions,
  alertKinds,
  alertSeverities,
  mostAlerts,
} from "@/lib/domain/alerts/alerts";
import { counted } from "@/lib/domain/text/number-format";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { type AlertRow, alertsCounted, listAlerts } from "@/lib/queries/alerts/alerts";
import { readPeopleRights } from "@/lib/queries/people/people";
import { pageLinks } from "@/lib/web/page-links";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../open-resource";
import { dismiss, fix, reopen, scanNow } from "./actions";

export const metadata: Metadata = { title: "Alerts" };

const query = z.object({
  state: z.enum(["open", "dismissed", "resolved"]).catch("open"),
  kind: z.enum(alertKinds).nullable().catch(null),
  after: z.uuid().nullable().catch(null),
});

/** The one-click fixes, by kind. A selection may have alerts of kinds that this page does not show. */
const fixes = Object.fromEntries(
  alertKinds.flatMap((kind) => {
    const { fix } = alertDescriptions[kind];
    return fix ? [[kind, fix]] : [];
  }),
);

/** The most severe of some alerts of one kind. */
function highestOf(kind: AlertKind, alerts: readonly AlertRow[]): AlertSeverity {
  return (
    alertSeverities.find((severity) => alerts.some((alert) => alert.severity === severity)) ??
    alertDescriptions[kind].severity
  );
}

const empty = {
  open: ["No open alerts", "Nothing here needs your attention. A new scan runs every few minutes."],
  dismissed: ["No dismissed alerts", "Dismissed alerts are listed here while their cause remains."],
  resolved: ["No resolved alerts", "Alerts whose cause is gone are kept here."],
} as const;

/** When an alert was raised and how it was closed. */
function AlertTimes({ alert }: { alert: AlertRow }) {
  return (
    <>
      <span>
        Raised <Moment value={alert.raisedAt} />
      </span>
      {alert.resolvedAt ? (
        <span>
          Resolved <Moment value={alert.resolvedAt} />
        </span>
      ) : null}
      {alert.dismissedAt ? (
        <span>
          Dismissed <Moment value={alert.dismissedAt} />{" "}
          {alert.dismissedBy ? (
            <>
              by <PrincipalName of={alert.dismissedBy} inline />
            </>
          ) : null}
          : <LongText of={alert.dismissalReason ?? ""} />
        </span>
      ) : null}
    </>
  );
}

export default async function AlertsPage({
  params,
  searchParams,
}: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, "readAlerts");
  const caller = await requireCaller();
  const parameters = await searchParams;
  const asked = query.parse({ kind: null, after: null, ...parameters });
  const { database } = application();
  const [found, people] = await Promise.all([
    listAlerts(database, caller, resource.id, asked),
    readPeopleRights(database, caller),
  ]);
  if (!found) forbidden();
  const base = `/resources/${resource.id}/alerts`;
  const address = (changes: Partial<Record<"state" | "kind" | "after", string>>) => {
    const parameters = new URLSearchParams({
      state: asked.state,
      ...(asked.kind ? { kind: asked.kind } : {}),
      ...changes,
    });
    for (const name of ["kind", "after"]) if (!parameters.get(name)) parameters.delete(name);
    return `${base}?${parameters}`;
  };
  const [title, text] = empty[asked.state];
  const count = found.counts.reduce(
    (sum, each) => (asked.kind === null || asked.kind === each.kind ? sum + each.count : sum),
    0,
  );
  const groups = alertKinds
    .map((kind) => {
      const alerts = found.alerts.filter((alert) => alert.kind === kind);
      const count = found.counts.find((each) => each.kind === kind)?.count ?? 0;
      return { kind, count, alerts, severity: highestOf(kind, alerts) };
    })
    .filter(({ alerts }) => alerts.length > 0)
    .toSorted(
      (one, other) => alertSeverities.indexOf(one.severity) - alertSeverities.indexOf(other.severity),
    );
  return (
    <>
      <PageHeader
        title="Alerts"
        trail={trailInside(resource)}
        description={
          <>
            What needs attention on {isolated(resource.displayName)} and below.{" "}
            {found.scannedAt ? (
              <>
                Last scanned <Moment value={found.scannedAt} />.
              </>
            ) : (
              "No scan has finished yet."
            )}
          </>
        }
      >
        {resource.may.writeAlerts ? (
          <ScanNow resourceId={resource.id} scanning={found.scanning} submit={scanNow} />
        ) : null}
        <a className="button" href={`${base}/settings`}>
          <Icon name="sliders-horizontal" size={15} /> Alert settings
        </a>
      </PageHeader>
      <LinkTabs
        label="Alerts by state"
        tabs={(["open", "dismissed", "resolved"] as const).map((state) => ({
          href: address({ state, after: "" }),
          label: { open: `Open (${found.open})`, dismissed: "Dismissed", resolved: "Resolved" }[state],
          current: state === asked.state,
        }))}
      />
      <FilterChips
        action={base}
        query={{ state: asked.state, kind: asked.kind }}
        filters={[
          {
            kind: "one",
            name: "kind",
            label: "Rule",
            usual: "",
            value: asked.kind ?? "",
            choices: [
              { value: "", label: "Every rule" },
              ...alertKinds.map((kind) => ({ value: kind, label: alertDescriptions[kind].title })),
            ],
          },
        ]}
      />
      {found.alerts.length === 0 ? <EmptyState title={title}>{text}</EmptyState> : null}
      <ListFrame
        total={found.alerts.length > 0 ? { count, most: alertsCounted, one: "alert", many: "alerts" } : null}
        pages={pageLinks({
          query: parameters,
          cursor: "after",
          address: (cursor) => address({ after: cursor ?? "" }),
          next: found.next,
        })}
      >
        <AlertGroups
          key={asked.state}
          listName={resource.id}
          state={asked.state}
          mayWrite={resource.may.writeAlerts}
          actions={{ fix, dismiss, reopen }}
          fixes={fixes}
          maximum={mostAlerts}
          groups={groups.map(({ kind, count, alerts, severity }) => ({
            kind,
            severity,
            title: alertDescriptions[kind].title,
            why: alertDescriptions[kind].why,
            howToFix: alertDescriptions[kind].howToFix,
            lasts: alertDescriptions[kind].lasts,
            count: count > alertsCounted ? `${counted(alertsCounted)}+` : counted(count),
            mended: mendedAtOf(kind, resource.id),
            allHref: asked.kind === null && count > alerts.length ? address({ kind }) : null,
            alerts: alerts.map((alert) => ({
              id: alert.id,
              subject: alertSubject(alert),
              row: (
                <AlertLine
                  alert={alert}
                  mayReadPeople={people.read}
                  mayWriteRoleSettings={resource.may.writeRoleSettings}
                  marked={alert.severity !== severity}
                >
                  <AlertTimes alert={alert} />
                </AlertLine>
              ),
            })),
          }))}
        />
      </ListFrame>
    </>
  );
}

/** The page of the resource where the cause of such alerts is corrected. */
function mendedAtOf(kind: AlertKind, resourceId: string) {
  const { mendedAt } = alertDescriptions[kind];
  return mendedAt ? { href: `/resources/${resourceId}${mendedAt.path}`, label: mendedAt.label } : null;
}
