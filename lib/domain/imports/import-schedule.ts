import type { ImportSchedulePlan, ImportSource } from "@/lib/domain/gate/import-schedule-plan";
import { textFault } from "@/lib/domain/text/names";

export const importSources = ["Folder", "Address"] as const satisfies readonly ImportSource[];

/** How often it runs. */
export const importIntervals = {
  15: "Every 15 minutes",
  60: "Every hour",
  360: "Every 6 hours",
  1440: "Every day",
  10080: "Every week",
} as const;

export const importScheduleLimits = {
  /** How many there may be. */
  schedules: 20,
  nameCharacters: 100,
  locationCharacters: 500,
  reasonCharacters: 2_000,
  /** After how many consecutive failures it pauses itself. */
  failures: 5,
  /** How long somebody must wait before they request another run. */
  minutesBetweenRequests: 5,
  /** How long one worker has for a run, before another takes it over. */
  leaseMinutes: 10,
  /** Over how many hours removals are counted together, so that many small runs cannot do what a large one may not. */
  removalHours: 24,
  removalPercent: 5,
  removals: 50,
} as const;

/** What the configuration allows scheduled imports to read. With neither, there are none. */
export interface ConfiguredSources {
  /** Whether there is a folder that they may read. */
  readonly folder: boolean;
  /** The hosts that they may contact, with the port unless it is 443. */
  readonly hosts: readonly string[];
}

/** The result of the last run. */
export const importRunOutcomes = {
  Previewed: "Differs: check the preview",
  Applying: "Changes that need no code were applied",
  OverLimit: "Stopped: it would remove too many",
  SameContent: "Same content as before",
  NothingToChange: "Nothing differs",
  Failed: "Failed",
} as const;
export type ImportRunOutcome = keyof typeof importRunOutcomes;

export const importPauseReasons = {
  ByHand: "By hand",
  RightLost: "The person it ran for may no longer import. Resume it to take it over.",
  Disabled: "The person it ran for is disabled. Resume it to take it over.",
  Failed: "It failed too often. Correct what it reads, then resume it.",
} as const;
export type ImportPauseReason = keyof typeof importPauseReasons;

/** The plan as it is compared, confirmed and stored. */
export function normalImportPlan(plan: ImportSchedulePlan): ImportSchedulePlan {
  const { name, source, location, everyMinutes, applies, capToMaximum, removeMembers } = plan;
  const path = location.trim().replace(/^(?:\.?\/)+|\/+$/g, "");
  return {
    name: name.normalize("NFC").trim(),
    source,
    location: source === "Folder" ? (path === "." ? "" : path) : hrefOf(location.trim()),
    ...{ everyMinutes, applies, capToMaximum, removeMembers },
    justification: applies ? plan.justification?.normalize("NFC").trim() || null : null,
    removalPercent: plan.removalPercent,
    removals: plan.removals,
  };
}

function hrefOf(location: string): string {
  return URL.canParse(location) ? new URL(location).href : location;
}

/** What is wrong with a plan, by the field of its form. */
export function importPlanFaults(
  plan: ImportSchedulePlan,
  configured: ConfiguredSources,
): { field: string; message: string }[] {
  const { schedules: _, ...limits } = importScheduleLimits;
  const faults: { field: string; message: string }[] = [];
  const fault = (field: string, message: string | null) => {
    if (message !== null) faults.push({ field, message });
  };
  const whole = (value: number, most: number) => Number.isInteger(value) && value >= 0 && value <= most;
  fault("name", plan.name === "" ? "Give a name." : textFault(plan.name));
  if (plan.name.length > limits.nameCharacters)
    fault("name", `Write at most ${limits.nameCharacters} characters.`);
  if (plan.location.length > limits.locationCharacters)
    fault("location", `Write at most ${limits.locationCharacters} characters.`);
  else
    fault(
      "location",
      plan.source === "Folder"
        ? folderFault(plan.location, configured)
        : addressFault(plan.location, configured),
    );
  if (!Object.hasOwn(importIntervals, plan.everyMinutes)) fault("everyMinutes", "Choose one of the options.");
  if (!whole(plan.removalPercent, 100)) fault("removalPercent", "Write a whole number from 0 to 100.");
  if (!whole(plan.removals, 10_000)) fault("removals", "Write a whole number from 0 to 10,000.");
  if (plan.applies && plan.justification === null)
    fault("justification", "Give the reason for what it applies.");
  if (plan.justification !== null)
    fault(
      "justification",
      plan.justification.length > limits.reasonCharacters
        ? `Write at most ${limits.reasonCharacters} characters.`
        : textFault(plan.justification),
    );
  return faults;
}

/** Why a scheduled import may not read a path; null if it may. */
export function folderFault(path: string, { folder }: Pick<ConfiguredSources, "folder">): string | null {
  if (!folder)
    return "No folder is configured on this installation. Its operator sets POSTERN_IMPORT_FOLDER.";
  const parts = path.split("/");
  const wrong =
    /[\\\p{C}]/u.test(path) || (path !== "" && parts.some((part) => part === "" || /^\.+$/.test(part)));
  return wrong ? "Write a path below the folder for imports, such as exports/azure." : null;
}

/** Why a scheduled import may not contact an address; null if it may. */
export function addressFault(address: string, { hosts }: Pick<ConfiguredSources, "hosts">): string | null {
  if (hosts.length === 0)
    return "No host is configured on this installation. Its operator sets POSTERN_IMPORT_HOSTS.";
  if (!URL.canParse(address) || new URL(address).protocol !== "https:")
    return "Write an address that begins with https://.";
  const { host, username, password, hash } = new URL(address);
  if (username !== "" || password !== "") return "Leave out the user and password.";
  if (hash !== "") return "Leave out the # and what follows it.";
  return hosts.includes(host)
    ? null
    : `The configuration allows only these hosts: ${[...hosts].sort().join(", ")}.`;
}

/** Whether a run would remove more than its plan allows, together with what other runs of the last day have removed. */
export function exceedsRemovals(
  { removalPercent, removals }: Pick<ImportSchedulePlan, "removalPercent" | "removals">,
  counted: {
    /** How many members are to be removed now, and how many were removed recently. */
    readonly removing: number;
    readonly removedLately: number;
    /** How many members the groups in the files have, without those who joined recently. */
    readonly members: number;
  },
): boolean {
  if (counted.removing === 0) return false;
  const removed = counted.removing + counted.removedLately;
  const of = counted.members + counted.removedLately;
  return removed > removals || removed * 100 > removalPercent * of;
}

/** How often and from where, in words. */
export function importPlanInWords(plan: ImportSchedulePlan): Record<string, string> {
  const every = Object.entries(importIntervals).find(([minutes]) => Number(minutes) === plan.everyMinutes);
  return {
    Name: plan.name,
    Source: plan.source === "Folder" ? `Folder ${plan.location || "for imports"}` : plan.location,
    Runs: every?.[1] ?? `Every ${plan.everyMinutes} minutes`,
    "By itself": plan.applies ? "Applies changes that need no code" : "Shows what differs",
    ...(plan.justification === null ? {} : { Reason: plan.justification }),
    "Assignments that are too long": plan.capToMaximum ? "End after the longest time allowed" : "Are skipped",
    "Members not in the files": plan.removeMembers
      ? `Removed, unless more than ${plan.removalPercent} % or ${plan.removals}`
      : "Stay",
  };
}
