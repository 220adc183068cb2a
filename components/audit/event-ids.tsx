import { CopyButton } from "@/components/ui/copy-button";

/** The ids of an event and its subjects, to be copied into a search or another system. */
export function EventIds({
  event,
}: {
  event: {
    readonly id: string;
    readonly sequence: bigint;
    readonly actorId: string | null;
    readonly targetId: string | null;
    readonly roleDefinitionId: string | null;
    readonly resourceId: string | null;
    readonly requestId: string | null;
    readonly assignmentId: string | null;
    readonly eligibilityId: string | null;
    readonly proofId: string | null;
    readonly sessionId: string | null;
    readonly correlationId: string | null;
  };
}) {
  const ids: (readonly [label: string, id: string | null])[] = [
    ["Event", event.id],
    ["Number in the log", String(event.sequence)],
    ["Actor", event.actorId],
    ["Target", event.targetId],
    ["Role", event.roleDefinitionId],
    ["Resource", event.resourceId],
    ["Request", event.requestId],
    ["Assignment", event.assignmentId],
    ["Eligibility", event.eligibilityId],
    ["Proof", event.proofId],
    ["Session", event.sessionId],
    ["Correlation", event.correlationId],
  ];
  return (
    <section className="card" aria-labelledby="event-ids">
      <h2 id="event-ids" className="mb-2">
        Ids
      </h2>
      <dl className="event-facts">
        {ids.map(([label, id]) =>
          id === null ? null : (
            <div key={label}>
              <dt>{label}</dt>
              <dd className="event-id">
                <code>{id}</code>
                <CopyButton text={id} label={`the id: ${label}`} />
              </dd>
            </div>
          ),
        )}
      </dl>
    </section>
  );
}
