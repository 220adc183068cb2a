import { eventSentence, type SentenceEvent, type SentencePart } from "@/lib/domain/audit/event-sentence";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import { formatIn, inOnePart } from "@/lib/domain/time/moment-format";
import { addDaysTo, type Day, dayOf } from "@/lib/domain/time/reader-day";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";

/** The part of an event that a list of the log needs. */
export interface ListedEvent extends SentenceEvent {
  readonly id: string;
  readonly occurredAt: Date;
  readonly scope: string | null;
  readonly justification: string | null;
  readonly ticketSystem: string | null;
  readonly ticketNumber: string | null;
  readonly factor: StepUpMethod | null;
  readonly failedRules: readonly string[];
  /** The people who had approved its request by then, by name and address. */
  readonly approvers: readonly string[];
}

/** An event as its list shows it. Empty parts are left out, since each row is sent to the browser. */
export interface EventRow {
  readonly id: string;
  /** The exact time in UTC, to the second: 2026-03-02T09:30:05. */
  readonly at: string;
  /** The time of day in the reader's zone. */
  readonly time: string;
  readonly sentence: readonly SentencePart[];
  readonly refused?: true;
  /** It is about break-glass, or about an activation by break-glass. */
  readonly emergency?: true;
  readonly reason?: string;
  readonly until?: string;
  readonly factor?: string;
  readonly ticket?: string;
  /** The people who had approved it, by name and address. Not in the row of an approval itself. */
  readonly approvedBy?: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
}

/** The events of one day of the reader. */
export interface EventDay {
  readonly day: Day;
  /** "Yesterday, Friday 27 November 2026". */
  readonly words: string;
  readonly rows: readonly EventRow[];
}

/** The name of the factor that proved somebody; null without one. */
export function factorInWords(factor: ListedEvent["factor"]): string | null {
  const names = {
    ...{ Totp: "Authenticator app", RecoveryCode: "Recovery code", Passkey: "Passkey" },
    IdentityProvider: "Identity provider",
    PhishingResistantProvider: "Identity provider, phishing-resistant",
  } as const;
  return factor === null ? null : names[factor];
}

function untilOf({ kind, details }: ListedEvent, times: ReaderTimes): string | null {
  const tells = /^(RoleActivated|ActivationExtended|(Eligible|Active)Assignment(Added|Extended|Renewed))$/;
  if (!tells.test(kind)) return null;
  const of = (name: string) =>
    typeof details === "object" && details !== null ? Reflect.get(details, name) : undefined;
  const inWords = (time: unknown) => {
    const moment = new Date(typeof time === "string" ? time : Number.NaN);
    return Number.isNaN(moment.getTime()) ? null : inOnePart(formatIn(times).moment(moment));
  };
  if (of("endsAt") === null) return "permanently";
  const [until, before] = [inWords(of("endsAt")), inWords(of("endBefore"))];
  return until === null ? null : `until ${until}${before === null ? "" : ` instead of ${before}`}`;
}

/** Whether an event is about break-glass: its use, its review, the activation that resulted from it, or a sign-in. */
export function isOfBreakGlass({ kind, details }: Pick<SentenceEvent, "kind" | "details">): boolean {
  if (/^BreakGlass(Used|Reviewed|SignIn)$/.test(kind)) return true;
  return typeof details === "object" && details !== null && Reflect.get(details, "breakGlass") === true;
}

/** Who approved what an event is about, for exports. If its member approved it in an emergency, nobody else did. */
export function approversInWords(
  event: Pick<SentenceEvent, "kind" | "details" | "outcome"> & { readonly approvers: readonly string[] },
): readonly string[] {
  const inEmergency =
    isOfBreakGlass(event) &&
    event.kind !== "BreakGlassReviewed" &&
    event.kind !== "BreakGlassSignIn" &&
    event.outcome === "Success";
  return inEmergency && event.approvers.length === 0 ? ["Break-glass"] : event.approvers;
}

const isApproval = /^(Request|Extension|Renewal)Approved$/;

function rowOf(event: ListedEvent, times: ReaderTimes): EventRow {
  const until = untilOf(event, times);
  const factor = factorInWords(event.factor);
  const facts: [string, string | null][] = [
    ["Failed rules", event.failedRules.join(", ")],
    ["Scope", event.scope],
    ["Ticket", [event.ticketNumber, event.ticketSystem].filter(Boolean).join(" in ")],
    ["Approved by", event.approvers.join(", ")],
    ["IP address", event.ipAddress],
  ];
  return {
    id: event.id,
    at: event.occurredAt.toISOString().slice(0, 19),
    time: formatIn(times).time(event.occurredAt),
    sentence: eventSentence(event),
    ...(event.outcome === "Failure" ? { refused: true } : {}),
    ...(isOfBreakGlass(event) ? { emergency: true } : {}),
    ...(event.justification ? { reason: event.justification } : {}),
    ...(until ? { until } : {}),
    ...(factor ? { factor } : {}),
    ...(event.ticketNumber ? { ticket: event.ticketNumber } : {}),
    ...(event.approvers.length > 0 && !isApproval.test(event.kind)
      ? { approvedBy: event.approvers.join(", ") }
      : {}),
    facts: facts.flatMap(([label, value]) => (value ? [[label, value] as const] : [])),
  };
}

/** The day before today, and today, by their names. */
function dayInWords(event: ListedEvent, day: Day, today: Day, times: ReaderTimes): string {
  const long = formatIn(times).longDay(event.occurredAt);
  if (day === today) return `Today, ${long}`;
  return day === addDaysTo(today, -1) ? `Yesterday, ${long}` : long;
}

/** Events, newest first, by days of the reader. */
export function eventDays(
  events: readonly ListedEvent[],
  { now, times }: { readonly now: Date; readonly times: ReaderTimes },
): EventDay[] {
  const today = dayOf(now, times.zone);
  const days: { day: Day; words: string; rows: EventRow[] }[] = [];
  for (const event of events) {
    const day = dayOf(event.occurredAt, times.zone);
    const row = rowOf(event, times);
    const last = days.at(-1);
    if (last?.day === day) last.rows.push(row);
    else days.push({ day, words: dayInWords(event, day, today, times), rows: [row] });
  }
  return days;
}
