import { type ReplayEffect, replayEffects } from "@/lib/domain/gate/settings-replay";
import { initialBreakGlassMinutes } from "@/lib/domain/roles/duration-choices";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** The figure whose requests are shown, and the page of them. */
export interface ShownFigure {
  readonly effect: ReplayEffect;
  readonly page: number;
}

type Query = Record<string, string | string[] | undefined>;

/** The value of the button that shows the requests behind a figure. */
export function shownValue({ effect, page }: ShownFigure): string {
  return `${effect}:${page}`;
}

/** The same read from an address; null for anything else. */
export function shownIn(query: Query): ShownFigure | null {
  const [name, page] = String(query.replay ?? "").split(":");
  const effect = replayEffects.find((each) => each === name);
  return effect ? { effect, page: Math.max(1, Math.trunc(Number(page)) || 1) } : null;
}

type Flag = {
  [Name in keyof RoleSettings]: RoleSettings[Name] extends boolean ? Name : never;
}[keyof RoleSettings];

/**
 * The settings as the edit form sent them in an address, which it does without scripts; null if it did not.
 * What the form cannot send (who approves and who is notified) stays as it is saved.
 */
export function typedSettings(saved: RoleSettings, query: Query): RoleSettings | null {
  if (query.expectedVersion === undefined) return null;
  const on = (name: Flag) => query[name] !== undefined;
  // A disabled choice is not sent.
  const only = (name: "activationPhishingResistant" | "assignmentPhishingResistant") =>
    query[name] === undefined ? saved[name] : query[name] === "yes";
  const number = (value: string | string[] | undefined, otherwise: number) => {
    const typed = Number(String(value ?? ""));
    return value !== undefined && Number.isFinite(typed) && typed > 0 ? typed : otherwise;
  };
  const days = (name: "eligibleMaximumDays" | "activeMaximumDays") =>
    query[name] === "permanent" ? null : number(query[name], saved[name] ?? 0) || saved[name];
  // These are part of the form only while approval is required.
  const stages = saved.approvalRequired && on("approvalRequired");
  const each = (name: string, index: number) => [query[name] ?? []].flat()[index];
  return {
    ...saved,
    activationMaximumMinutes:
      number(query.activationMaximumMinutes, saved.activationMaximumMinutes / 60) * 60,
    activationRequiresMfa: on("activationRequiresMfa"),
    activationPhishingResistant: only("activationPhishingResistant"),
    activationRequiresJustification: on("activationRequiresJustification"),
    activationRequiresTicket: on("activationRequiresTicket"),
    approvalRequired: on("approvalRequired"),
    ...(stages
      ? {
          approvalRequiresStepUp: on("approvalRequiresStepUp"),
          provisioningRequiresMfa: on("activationRequiresMfa")
            ? on("provisioningRequiresMfa")
            : saved.provisioningRequiresMfa,
          breakGlassMaximumMinutes:
            query.breakGlass === undefined
              ? null
              : number(
                  query.breakGlassMaximumMinutes,
                  (saved.breakGlassMaximumMinutes ?? initialBreakGlassMinutes) / 60,
                ) * 60,
          approvalStages: saved.approvalStages.map((stage, index) => ({
            ...stage,
            approvalsNeeded: number(each("approvalsNeeded", index), stage.approvalsNeeded),
            timeoutHours: number(each("timeoutHours", index), stage.timeoutHours),
          })),
        }
      : {}),
    eligibleMaximumDays: days("eligibleMaximumDays"),
    activeMaximumDays: days("activeMaximumDays"),
    assignmentRequiresMfa: on("assignmentRequiresMfa"),
    assignmentPhishingResistant: only("assignmentPhishingResistant"),
    assignmentRequiresJustification: on("assignmentRequiresJustification"),
  };
}
