import { EventList } from "@/components/audit/event-list";
import { FilterChips } from "@/components/ui/lists/chips";
import { ExportLinks } from "@/components/ui/lists/export-links";
import { ListFrame } from "@/components/ui/lists/list-frame";
import { EmptyState } from "@/components/ui/page-parts";
import { eventDays } from "@/lib/domain/audit/event-row";
import { application } from "@/lib/platform/application";
import { auditPage } from "@/lib/queries/audit/audit";
import type { AuditFilter } from "@/lib/queries/audit/audit-conditions";
import type { AuditPosition } from "@/lib/queries/audit/audit-places";
import { auditCursorText, parseAuditCursor } from "@/lib/web/audit-cursor";
import { type Query as Address, withQuery } from "@/lib/web/query-address";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../filters/saved-filters-of";
import { auditFilter, type Query, readerClock } from "./audit-filter";
import { auditFilters } from "./audit-filters";
import { opensHistories } from "./histories";

const ranges = [
  ["", "Any time"],
  ["today", "Today"],
  ["yesterday", "Yesterday"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
] as const;

/** Filters that everybody has, besides their own saved ones. */
const common: readonly (readonly [name: string, query: Address])[] = [
  ["Yesterday's activations", { range: "yesterday", kind: "activations" }],
  ["Refused, last 7 days", { range: "7d", outcome: "Failure" }],
  ["Settings changed, last 30 days", { range: "30d", kind: "settings" }],
];

function one(query: Query, name: string): string {
  const value = query[name];
  return typeof value === "string" ? value : "";
}

function positionIn(query: Query): AuditPosition | null {
  for (const [name, towards] of [
    ["after", "older"],
    ["before", "newer"],
  ] as const) {
    const from = parseAuditCursor(one(query, name));
    if (from) return { from, towards };
  }
  return null;
}

/** The audit log with its filters, which are kept in the address, and its exports. */
export async function AuditView(props: { base: string; query: Query; fixed?: Partial<AuditFilter> }) {
  const { base, query, fixed = {} } = props;
  const caller = await requireCaller();
  const { database } = application();
  const clock = await readerClock(database);
  const filter = auditFilter(query, clock, fixed);
  const [page, histories] = await Promise.all([
    auditPage(database, caller, filter, positionIn(query)),
    fixed.own ? false : opensHistories(),
  ]);
  const kept: Address = { ...query, after: null, before: null };
  const at = (changes: Address) => withQuery(base, kept, changes);
  const here = withQuery(base, kept);
  const exported = withQuery("/audit/export", kept, {
    ...(fixed.resourceId ? { scope: fixed.resourceId } : {}),
    ...(fixed.own ? { own: "1" } : {}),
    ...(fixed.personId ? { person: fixed.personId } : {}),
  });
  const dated = one(query, "from") !== "" || one(query, "to") !== "";
  return (
    <>
      <nav aria-label="Time" className="chips log-times">
        {ranges.map(([range, label]) => (
          <a
            key={range}
            className="chip"
            href={at({ range, from: null, to: null })}
            aria-current={!dated && one(query, "range") === range ? "true" : undefined}
          >
            {label}
          </a>
        ))}
        <span className="grow" />
        {common.map(([name, asked]) => {
          const href = withQuery(base, asked);
          return (
            <a key={name} className="chip" href={href} aria-current={href === here ? "true" : undefined}>
              {name}
            </a>
          );
        })}
      </nav>
      <FilterChips
        action={base}
        query={kept}
        filters={auditFilters(query, filter, fixed, page.events.at(0) ?? null)}
      >
        <span className="grow" />
        <ExportLinks address={exported} />
      </FilterChips>
      <SavedFiltersOf list="audit" base={base} query={query} />
      {page.events.length === 0 ? (
        <EmptyState title="No events">
          Nothing that you may read matches these filters. Widen the time range or clear them.
        </EmptyState>
      ) : (
        <ListFrame
          pages={{
            first: page.previous ? at({}) : null,
            previous: page.previous ? at({ before: auditCursorText(page.previous) }) : null,
            next: page.next ? at({ after: auditCursorText(page.next) }) : null,
          }}
        >
          <EventList days={eventDays(page.events, clock)} histories={histories} />
        </ListFrame>
      )}
    </>
  );
}
