import { Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import type { PrincipalType } from "@/lib/domain/people/principal";

/** A principal as an event of the log recorded it at that moment. */
interface AtEvent {
  readonly id: string | null;
  readonly displayName: string;
  /** Null for an event from before the type was recorded. Then the address is unknown too. */
  readonly type: PrincipalType | null;
  readonly email: string | null;
  readonly externalId: string | null;
}

export function actorOf(event: {
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly actorEmail: string | null;
}): AtEvent | null {
  const { actorId: id, actorName, actorEmail: email } = event;
  if (actorName === null) return null;
  return { id, displayName: actorName, type: email === null ? null : "User", email, externalId: null };
}

export function targetOf(event: {
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly targetType: PrincipalType | null;
  readonly targetEmail: string | null;
  readonly targetExternalId: string | null;
}): AtEvent | null {
  const {
    targetId: id,
    targetName,
    targetType: type,
    targetEmail: email,
    targetExternalId: externalId,
  } = event;
  return targetName === null ? null : { id, displayName: targetName, type, email, externalId };
}

/** The actor or the target of an event, by their name and address at that moment and by their id. */
export function PrincipalAtEvent(props: {
  readonly of: AtEvent | null;
  readonly withId?: boolean;
  readonly inline?: boolean;
  /** The text when there is nobody. */
  readonly otherwise?: string;
}) {
  const { of: somebody, withId = false, inline = false } = props;
  if (somebody === null) return <span className="text-muted">{props.otherwise ?? "–"}</span>;
  const { id, displayName, type, ...known } = somebody;
  const name =
    id === null || type === null ? (
      <Name of={displayName} />
    ) : (
      <PrincipalName of={{ id, displayName, type, ...known, former: [] }} inline={inline || withId} />
    );
  return withId && id !== null ? (
    <>
      {name}
      <code className="block text-muted">{id}</code>
    </>
  ) : (
    name
  );
}
