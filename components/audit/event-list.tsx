"use client";

import { Suspense, useEffect, useLayoutEffect, useRef, useState } from "react";
import { later } from "@/components/ui/later";
import { Name } from "@/components/ui/name";
import type { EventDay, EventRow } from "@/lib/domain/audit/event-row";
import { historyOfEvent } from "@/lib/domain/audit/history-page";
import { peopleIn } from "@/lib/domain/audit/people-in-sentence";

const EventFacts = later(() => import("@/components/audit/event-facts").then((module) => module.EventFacts));

/**
 * Events by day, each as a sentence that opens in place. It is a client component, so that a page contains each
 * event once as data and once as markup, and not a third time as elements.
 */
export function EventList({
  days,
  histories,
}: {
  readonly days: readonly EventDay[];
  /** Whether the reader may open people's histories. */
  readonly histories: boolean;
}) {
  const log = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = log;
    for (const near of ["pointerenter", "focusin"])
      current?.addEventListener(near, EventFacts.comeNear, { once: true });
    return () => {
      for (const near of ["pointerenter", "focusin"]) current?.removeEventListener(near, EventFacts.comeNear);
    };
  }, []);
  return (
    <div ref={log} className="log">
      {days.map(({ day, words, rows }) => (
        <section key={day} aria-label={words}>
          <h2>{words}</h2>
          <ol>
            {rows.map((row) => (
              <Event key={row.id} row={row} histories={histories} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}

function Event({ row, histories }: { readonly row: EventRow; readonly histories: boolean }) {
  const details = useRef<HTMLDetailsElement>(null);
  const [opened, setOpened] = useState(false);
  // It may have been opened before this script ran.
  useLayoutEffect(() => {
    if (details.current?.open) setOpened(true);
  }, []);
  const about = [row.until, row.factor].filter(Boolean).join(", ");
  return (
    <li>
      <details ref={details} onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>
          <time title={`${row.at.replace("T", " ")} UTC`}>{row.time}</time>
          <span>
            {row.refused ? <b>Refused</b> : null}
            {row.emergency ? <b>Emergency</b> : null}
            <EventSentence of={row.sentence} />{" "}
            {about || row.ticket || row.approvedBy ? (
              <small>
                {about}
                {row.ticket ? (
                  <>
                    {about ? ", " : ""}
                    <span className="inline-block max-w-full">
                      ticket <Name of={row.ticket} />
                    </span>
                  </>
                ) : null}
                {row.approvedBy ? (
                  <>
                    {about || row.ticket ? ", " : ""}approved by <Name of={row.approvedBy} />
                  </>
                ) : null}
              </small>
            ) : null}
            {row.reason ? (
              <q>
                <Name of={row.reason} />
              </q>
            ) : null}
          </span>
        </summary>
        {opened ? (
          <Suspense>
            <EventFacts row={row} />
          </Suspense>
        ) : null}
        <p>
          <a href={`/audit/${row.id}`}>All details</a>
          {opened && histories
            ? peopleIn(row.sentence).map(({ name, address }) => (
                <a key={address} href={historyOfEvent(row.id, address)}>
                  History of <Name of={name} />
                </a>
              ))
            : null}
        </p>
      </details>
    </li>
  );
}

/** A sentence of the log, its names isolated. */
export function EventSentence({ of: parts }: { readonly of: EventRow["sentence"] }) {
  return parts.map((part, index) => {
    if (typeof part === "string") return part;
    const { name, address } = part;
    const key = `${index} ${name}`;
    if (!address)
      return (
        <strong key={key}>
          <Name of={name} />
        </strong>
      );
    return (
      <span key={key}>
        <strong>
          <Name of={name} />
        </strong>{" "}
        <i>
          <Name of={address} />
        </i>
      </span>
    );
  });
}
