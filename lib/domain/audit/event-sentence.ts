import { isAuditKind } from "@/lib/domain/audit/audit-kinds";
import { eventSentences } from "@/lib/domain/audit/event-sentences";
import { exactMoment } from "@/lib/domain/time/day-words";

/** A part of a sentence: the product's own words, or a name that somebody typed, with an address if one is known. */
export type SentencePart = string | { readonly name: string; readonly address?: string };

/** The part of an event that a sentence needs. Names and addresses are those of that moment. */
export interface SentenceEvent {
  readonly kind: string;
  readonly outcome: "Success" | "Failure";
  readonly actorName: string | null;
  readonly actorEmail: string | null;
  readonly actorId: string | null;
  readonly targetName: string | null;
  readonly targetEmail: string | null;
  readonly targetExternalId: string | null;
  readonly targetId: string | null;
  readonly roleName: string | null;
  readonly resourceName: string | null;
  readonly ipAddress: string | null;
  readonly details: unknown;
}

const otherwise: Readonly<Record<string, string>> = {
  ...{ role: "a role", self: "somebody", group: "a group", passkey: "of theirs" },
};

const textOf = (details: unknown, name: string): string | null => {
  const value = typeof details === "object" && details !== null ? Reflect.get(details, name) : null;
  return typeof value === "string" && value !== "" ? value : null;
};

const flagIn = (details: unknown, name: string): boolean =>
  typeof details === "object" && details !== null && Reflect.get(details, name) === true;

function momentIn(text: string | null): string | null {
  const moment = new Date(text ?? "");
  return Number.isNaN(moment.getTime()) ? null : exactMoment(moment);
}

function named(name: string | null, address?: string | null): SentencePart | null {
  if (name === null) return null;
  return address ? { name, address } : { name };
}

/** The names that a sentence may contain; null if the event does not have one. */
function namesIn(event: SentenceEvent): Readonly<Record<string, SentencePart | null>> {
  const { details } = event;
  const actor = named(event.actorName, event.actorEmail);
  const target = named(event.targetName, event.targetEmail ?? event.targetExternalId);
  const ofOneself = event.targetId !== null && event.targetId === event.actorId;
  return {
    actor: actor ?? (event.ipAddress === null ? "Postern" : "Somebody"),
    target,
    other: ofOneself ? null : target,
    self: ofOneself ? "themselves" : target,
    known: actor ?? target,
    role: named(event.roleName ?? textOf(details, "requestedRoleName")),
    resource: named(event.resourceName),
    operator: flagIn(details, "byOperator") ? "the operator of the server" : null,
    group: named(textOf(details, "groupName")),
    directory: named(textOf(details, "directoryName")),
    review: named(textOf(details, "accessReviewName")),
    alert: named(textOf(details, "alert")),
    rule: named(textOf(details, "ruleName")),
    parent: event.kind === "ResourceMoved" ? named(textOf(details, "toName")) : null,
    type: event.kind.startsWith("ResourceType") ? named(textOf(details, "name")) : null,
    file: named(textOf(details, "fileName")),
    list: named(textOf(details, "list")),
    provider: named(textOf(details, "provider")),
    moment: momentIn(textOf(details, "backupMadeAt")),
    passkey: event.kind.startsWith("Passkey") ? named(textOf(details, "name")) : null,
  };
}

/** An event as a sentence without a full stop. Every name is a separate part, so that a page can isolate it. */
export function eventSentence(event: SentenceEvent): SentencePart[] {
  const known = isAuditKind(event.kind) ? eventSentences[event.kind] : "{actor}[: {target}]";
  const template = known.split(" | ").at(event.outcome === "Success" ? 0 : -1) ?? known;
  const names = namesIn(event);
  const fill = (text: string): SentencePart[] =>
    text
      .split(/(\{\w+\})/)
      .filter((piece) => piece !== "")
      .map((piece) => {
        const slot = /^\{(\w+)\}$/.exec(piece)?.[1];
        return slot === undefined ? piece : (names[slot] ?? otherwise[slot] ?? "somebody");
      });
  const parts = template.split(/(\[[^\]]*\])/).flatMap((piece) => {
    if (!piece.startsWith("[")) return fill(piece);
    const inner = piece.slice(1, -1);
    const slots = [...inner.matchAll(/\{(\w+)\}/g)].map(([, slot = ""]) => names[slot] ?? null);
    return slots.every((name) => name === null) ? [] : fill(inner);
  });
  const joined: SentencePart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}

/** The same as plain text, for a title and for screen readers. */
export function sentenceText(parts: readonly SentencePart[]): string {
  return parts.map((part) => (typeof part === "string" ? part : part.name)).join("");
}
