import { EventSentence } from "@/components/audit/event-list";
import { Moment } from "@/components/ui/moment";
import { eventSentence, type SentenceEvent } from "@/lib/domain/audit/event-sentence";

/** The other events of the same request, assignment or proof, oldest first, each as a sentence. */
export function RelatedEvents(props: {
  readonly events: readonly (SentenceEvent & { readonly id: string; readonly occurredAt: Date })[];
}) {
  return (
    <section className="card" aria-labelledby="related-events">
      <h2 id="related-events" className="mb-2">
        Related events
      </h2>
      {props.events.length === 0 ? <p className="text-muted">No related events.</p> : null}
      <ol className="event-facts">
        {props.events.map((event) => (
          <li key={event.id}>
            <a href={`/audit/${event.id}`}>
              <Moment value={event.occurredAt} />
            </a>
            <span>
              {event.outcome === "Failure" ? <b>Refused: </b> : null}
              <EventSentence of={eventSentence(event)} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
