"use client";

import { CopyButton } from "@/components/ui/copy-button";
import { LongText, Name } from "@/components/ui/name";
import type { EventRow } from "@/lib/domain/audit/event-row";

/** What is known about an event besides its sentence. Rendered when its row opens, since few rows of a page ever do. */
export function EventFacts({ row }: { readonly row: EventRow }) {
  return (
    <dl>
      {row.reason ? (
        <div>
          <dt>Reason</dt>
          <dd>
            <LongText of={row.reason} />
          </dd>
        </div>
      ) : null}
      {row.facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <Name of={value} />
            {label === "Scope" ? <CopyButton text={value} label="the scope" /> : null}
          </dd>
        </div>
      ))}
      <div>
        <dt>Event</dt>
        <dd>
          <code>{row.id}</code>
          <CopyButton text={row.id} label="the event's id" />
        </dd>
      </div>
    </dl>
  );
}
