import Link from "next/link";
import { actorOf, PrincipalAtEvent, targetOf } from "@/components/audit/principal-at-event";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, Pager, TableRegion } from "@/components/ui/page-parts";
import { isUuid } from "@/lib/domain/text/uuid";
import { application } from "@/lib/platform/application";
import { type AuditKind, auditKinds } from "@/lib/platform/audit-log";
import { listAuditEvents } from "@/lib/queries/audit/audit";
import type { AuditFilter } from "@/lib/queries/audit/audit-conditions";
import { auditCursorText, parseAuditCursor } from "@/lib/web/audit-cursor";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../filters/saved-filters-of";
import { auditFilter } from "./audit-filter";

export type Query = Readonly<Record<string, string | string[] | undefined>>;
const ranges = {
  "": "Custom, or any time",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  "90d": "Last 90 days",
};

function one(query: Query, name: string): string {
  const value = query[name];
  return typeof value === "string" ? value : "";
}

/** Hides an empty cell where each row is shown as a block. */
function unlessSaid(value: string | null): string | undefined {
  return value === null ? "cell-none" : undefined;
}

/** The audit log with its filters, which are kept in the address, and its exports. */
export async function AuditView({
  base,
  query,
  fixed = {},
}: {
  base: string;
  query: Query;
  fixed?: Partial<AuditFilter>;
}) {
  const caller = await requireCaller();
  const filter = auditFilter(query, fixed);
  const cursor = parseAuditCursor(one(query, "after"));
  const { events, next } = await listAuditEvents(application().database, caller, filter, cursor);
  const kept = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      typeof value === "string" && name !== "after" && value ? [[name, value]] : [],
    ),
  );
  const exported = new URLSearchParams(kept);
  if (fixed.resourceId) exported.set("scope", fixed.resourceId);
  if (fixed.own) exported.set("own", "1");
  const scoped = fixed.resourceId !== undefined || filter.resourceId !== null;
  return (
    <>
      <form key={kept.toString()} action={base} className="card mb-4 grid grid-cols-2 gap-3 lg:grid-cols-4">
        <label className="max-sm:col-span-2">
          <span className="label">Time range</span>
          <select className="input" name="range" defaultValue={one(query, "range")}>
            {Object.entries(ranges).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span className="label">From (UTC)</span>
          <input className="input" type="date" name="from" defaultValue={one(query, "from")} />
        </label>
        <label>
          <span className="label">To (UTC)</span>
          <input className="input" type="date" name="to" defaultValue={one(query, "to")} />
        </label>
        <label>
          <span className="label">Kind</span>
          <select className="input" name="kind" defaultValue={one(query, "kind")}>
            <option value="">Every kind</option>
            {Object.entries(auditKinds).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span className="label">Actor</span>
          <input className="input" name="actor" defaultValue={one(query, "actor")} />
        </label>
        <label>
          <span className="label">Target</span>
          <input className="input" name="target" defaultValue={one(query, "target")} />
        </label>
        <label>
          <span className="label">Outcome</span>
          <select className="input" name="outcome" defaultValue={one(query, "outcome")}>
            <option value="">Any</option>
            <option value="Success">Success</option>
            <option value="Failure">Failure</option>
          </select>
        </label>
        {isUuid(one(query, "role")) ? (
          <input type="hidden" name="role" value={one(query, "role")} />
        ) : (
          <label>
            <span className="label">Role</span>
            <input className="input" name="role" defaultValue={one(query, "role")} />
          </label>
        )}
        {isUuid(one(query, "scope")) && !fixed.resourceId ? (
          <input type="hidden" name="scope" value={one(query, "scope")} />
        ) : null}
        {scoped ? null : (
          <label>
            <span className="label">Scope</span>
            <input
              className="input"
              name="scope"
              placeholder="/subscriptions/…"
              defaultValue={one(query, "scope")}
            />
          </label>
        )}
        <label className="flex items-center gap-2 self-end max-sm:col-span-2 sm:min-h-[2.3rem]">
          <input
            type="checkbox"
            className="size-4"
            name="below"
            value="1"
            defaultChecked={one(query, "below") === "1"}
          />{" "}
          {scoped ? "Include everything below it" : "Include everything below the scope"}
        </label>
        <div className="col-span-2 flex flex-wrap gap-2 lg:col-span-4">
          <button type="submit" className="button button-primary">
            Filter
          </button>
          <Link className="button" href={base}>
            Clear
          </Link>
          <a
            className="button"
            href={`/audit/export?${new URLSearchParams([...exported, ["format", "csv"]])}`}
            download
          >
            Export CSV
          </a>
          <a
            className="button"
            href={`/audit/export?${new URLSearchParams([...exported, ["format", "jsonl"]])}`}
            download
          >
            Export JSON Lines
          </a>
        </div>
      </form>
      <SavedFiltersOf list="audit" base={base} query={query} />
      {events.length === 0 ? (
        <EmptyState title="No events">
          Nothing that you may read matches these filters. Widen the time range or clear them.
        </EmptyState>
      ) : (
        <TableRegion
          label="Audit events"
          head={["Time", "Event", "Outcome", "Actor", "Target", "Role", "Resource", "Reason", "Factor"]}
        >
          {events.map((event) => (
            <tr key={event.id}>
              <td>
                <Moment value={event.occurredAt} />
              </td>
              <td className="sm:min-w-36">
                <Link href={`/audit/${event.id}`}>{auditKinds[event.kind as AuditKind] ?? event.kind}</Link>
              </td>
              <td>
                <span className={`badge ${event.outcome === "Success" ? "badge-success" : "badge-danger"}`}>
                  {event.outcome === "Success" ? "✓ Success" : "✕ Refused"}
                </span>
              </td>
              <td>
                <PrincipalAtEvent of={actorOf(event)} otherwise={event.ipAddress ? "–" : "Postern"} />
              </td>
              <td className={unlessSaid(event.targetName)}>
                <PrincipalAtEvent of={targetOf(event)} />
              </td>
              <td className={unlessSaid(event.roleName)}>
                <Name of={event.roleName ?? "–"} />
              </td>
              <td className={unlessSaid(event.resourceName)}>
                <Name of={event.resourceName ?? "–"} />
              </td>
              <td className={unlessSaid(event.justification)}>
                <span className="line-clamp-2 sm:min-w-26">
                  <Name of={event.justification ?? "–"} />
                </span>
              </td>
              <td className={unlessSaid(event.factor)}>
                {event.factor === "Totp" ? "Authenticator app" : event.factor ? "Recovery code" : "–"}
              </td>
            </tr>
          ))}
        </TableRegion>
      )}
      <Pager
        first={cursor ? `${base}?${kept}` : null}
        next={next ? `${base}?${new URLSearchParams([...kept, ["after", auditCursorText(next)]])}` : null}
      />
    </>
  );
}
