import { activationFailures, assignmentFailures } from "@/lib/domain/gate/policy-rules";
import {
  activationTakesResistant,
  asksFreshCode,
  assignmentTakesResistant,
} from "@/lib/domain/roles/factors-asked";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { sameValue } from "@/lib/domain/roles/same-value";
import { addMinutes, type Schedule } from "@/lib/domain/time/schedule";

/** A past request as role settings judge it. */
export type PastRequest =
  | {
      readonly kind: "Activation";
      readonly startsAt: Date;
      readonly durationMinutes: number;
      readonly justification: string | null;
      readonly ticketNumber: string | null;
      readonly ticketSystem: string | null;
    }
  | {
      readonly kind: "Assignment";
      readonly assignmentType: "Eligible" | "Active";
      /** From when it was judged (later than its start if it had begun) to its end. */
      readonly schedule: Schedule;
      readonly justification: string | null;
      /**
       * A rule required a code whatever the settings said: the access was for the administrator
       * themselves, or outlasted their authority.
       */
      readonly alwaysCode: boolean;
    };

type Refused = "Duration" | "Permanent" | "Justification" | "Ticket";
type Asked = "Approval" | "Code" | "Passkey" | "NewCode" | "ApproverCode";

/**
 * Judges a request by the settings in force for it, with the same rules as the gate. Each rule is judged separately,
 * so that none hides the effect of another. So a request may both be refused and need an approval.
 */
export function judge(settings: RoleSettings, past: PastRequest): ReadonlySet<Refused | Asked> {
  return new Set([...refusals(settings, past), ...demands(settings, past)]);
}

/** Every code counts as given. A missing code is requested, and refuses nothing. */
function refusals(settings: RoleSettings, past: PastRequest): ReadonlySet<Refused> {
  if (past.kind === "Assignment") {
    const facts = { ...past, stepUp: [], provedBy: null };
    const long = past.schedule.endsAt === null ? "Permanent" : "Duration";
    return new Set(
      assignmentFailures(settings, facts).map(({ rule }) =>
        rule === "ExpirationRule" ? long : "Justification",
      ),
    );
  }
  const schedule = { startsAt: past.startsAt, endsAt: addMinutes(past.startsAt, past.durationMinutes) };
  // The eligibility covered it then, and its end is not a setting.
  const facts = { ...past, schedule, eligibility: schedule, provedBy: "Passkey" as const };
  return new Set(
    activationFailures(settings, facts).map(({ rule }) => {
      if (rule === "ExpirationRule") return "Duration";
      return rule === "TicketingRule" ? "Ticket" : "Justification";
    }),
  );
}

function demands(settings: RoleSettings, past: PastRequest): Asked[] {
  if (past.kind === "Assignment") {
    const active = past.assignmentType === "Active";
    return [
      ...(past.alwaysCode || (active && settings.assignmentRequiresMfa) ? (["Code"] as const) : []),
      ...(active && assignmentTakesResistant(settings) ? (["Passkey"] as const) : []),
    ];
  }
  const { approvalRequired, approvalRequiresStepUp, activationRequiresMfa } = settings;
  return [
    ...(approvalRequired ? (["Approval"] as const) : []),
    ...(activationRequiresMfa ? (["Code"] as const) : []),
    ...(activationTakesResistant(settings) ? (["Passkey"] as const) : []),
    ...(asksFreshCode(settings) ? (["NewCode"] as const) : []),
    ...(approvalRequired && approvalRequiresStepUp ? (["ApproverCode"] as const) : []),
  ];
}

/**
 * What would have had a different result: for either kind of request, what it would have met (`+`),
 * would no longer have met (`-`), or would have met in another form (`~`).
 */
export type ReplayEffect = `${PastRequest["kind"]}.${Refused | Asked}${"+" | "-"}` | "Activation.Approval~";

/** The words of each effect, after a number of requests. In the order of the page: refusals first, then requirements. */
const words: Readonly<Record<Refused | Asked, readonly [more: string, less: string]>> = {
  Duration: ["would have been refused for their duration", "would not have been refused for their duration"],
  Permanent: ["would have been refused as permanent", "would not have been refused as permanent"],
  Justification: [
    "would have been refused without a justification",
    "would not have been refused without a justification",
  ],
  Ticket: ["would have been refused without a ticket", "would not have been refused without a ticket"],
  Approval: ["would have needed an approval", "would not have needed an approval"],
  Code: ["would have asked for a code", "would not have asked for a code"],
  Passkey: [
    "would have accepted only a phishing-resistant factor",
    "would not have accepted only a phishing-resistant factor",
  ],
  NewCode: [
    "would have asked for a new code after approval",
    "would not have asked for a new code after approval",
  ],
  ApproverCode: [
    "would have asked their approvers for a code",
    "would not have asked their approvers for a code",
  ],
};

const names = Object.keys(words) as (Refused | Asked)[];

/** Every effect there is, in the order of the page. */
export const replayEffects: readonly ReplayEffect[] = (["Activation", "Assignment"] as const).flatMap(
  (kind) =>
    names.flatMap((name): ReplayEffect[] => [
      `${kind}.${name}+`,
      `${kind}.${name}-`,
      ...(kind === "Activation" && name === "Approval" ? (["Activation.Approval~"] as const) : []),
    ]),
);

/** An effect in words, after the number of requests it concerns. */
export function effectInWords(effect: ReplayEffect): string {
  if (effect === "Activation.Approval~") return "would have needed other approvals";
  const name = names.find((each) => effect.slice(effect.indexOf(".") + 1, -1) === each);
  if (!name) throw new Error("no such effect");
  return words[name][effect.endsWith("+") ? 0 : 1];
}

/** Whether an effect allows what was held up before. */
export function isWeaker(effect: ReplayEffect): boolean {
  return effect.endsWith("-");
}

/** What would have been different for one request under other settings than those in force. Empty for the same settings. */
export function replayed(present: RoleSettings, proposed: RoleSettings, past: PastRequest): ReplayEffect[] {
  const [was, is] = [judge(present, past), judge(proposed, past)];
  const effects = names.flatMap((name): ReplayEffect[] => {
    if (was.has(name) === is.has(name)) return [];
    return [`${past.kind}.${name}${is.has(name) ? "+" : "-"}`];
  });
  const others = was.has("Approval") && is.has("Approval") && !sameStages(present, proposed);
  return others ? [...effects, "Activation.Approval~"] : effects;
}

function sameStages(present: RoleSettings, proposed: RoleSettings): boolean {
  return sameValue(present.approvalStages, proposed.approvalStages);
}
