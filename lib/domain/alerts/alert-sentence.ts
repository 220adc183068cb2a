import type { AlertKind } from "@/lib/domain/alerts/alerts";
import { isolated } from "@/lib/domain/text/visible-text";

/** The text and numbers that a scan stores with an alert. */
export type AlertDetails = Readonly<Record<string, string | number | readonly string[]>>;

function text(details: AlertDetails, name: string): string {
  const value = details[name];
  return typeof value === "object" ? value.map(isolated).join(", ") : isolated(String(value ?? ""));
}

/** What triggered an alert, in one sentence. */
export function alertSentence(
  kind: AlertKind,
  details: AlertDetails,
  names: { readonly principal: string | null; readonly role: string | null; readonly resource: string },
): string {
  const who = names.principal ?? "Somebody";
  const role = names.role ?? "a role";
  switch (kind) {
    case "TooManyOwners":
      return `${text(details, "count")} Owners on ${names.resource}${shareInWords(details)}: ${text(details, "names")}.`;
    case "TooManyPermanentOwners":
      return `${text(details, "count")} permanent Owners on ${names.resource}${shareInWords(details)}: ${text(details, "names")}.`;
    case "EligibleNeverActivates":
      return `${who} is eligible for ${role} on ${names.resource} and has not activated it for ${text(details, "days")} days.`;
    case "ActivationWithoutMfa":
      return `${role} on ${names.resource} can be activated without a second factor, and it can ${details.changes ?? "assign roles"}.`;
    case "DuplicateCustomRoles":
      return `These custom roles allow the same: ${text(details, "names")}.`;
    case "AssignedOutside":
      return `${who} was given ${role} on ${names.resource} by ${text(details, "origin") === "Import" ? "an import" : "another program"}.`;
    case "OutlastsGiver": {
      const administrator = `${text(details, "giver")}, who could give access only for a limited time,`;
      if (details.groupName !== undefined)
        return `${administrator} added ${who} to ${text(details, "groupName")}.`;
      const how = details.assignmentType === "Eligible" ? "made" : "gave";
      return `${administrator} ${how} ${who} ${how === "made" ? `eligible for ${role}` : role} on ${names.resource}.`;
    }
    case "RepeatedFailedStepUps":
      return `${text(details, "count")} codes of ${who} were refused within a day, from ${text(details, "addresses")}.`;
    case "UnusualActivation":
      return `${who} ${details.how === "Extended" ? "extended" : "activated"} ${role} on ${names.resource} ${text(details, "reasons")}.`;
    case "ConflictingRoles":
      return `${who} holds ${text(details, "firstRole")} on ${text(details, "firstResource")} and ${text(details, "secondRole")} on ${text(details, "secondResource")}, which conflict by the rule ${text(details, "rule")}.`;
    case "StaleAccount": {
      const since = details.seen === "Never" ? "has never signed in" : "has not signed in";
      return `${who} ${since} for ${text(details, "days")} days, and ${unusedAccess(details)}.`;
    }
    case "ActivatesOften":
      return `${who} activated or extended roles ${text(details, "count")} times in seven days. Usual is ${text(details, "usual")}.`;
    case "CannotProve": {
      const people = details.count === 1 ? "1 person is" : `${text(details, "count")} people are`;
      const asked = details.needs === "Passkey" ? "passkey" : "second factor";
      return `${people} eligible for ${role} on ${names.resource} without the ${asked} that it requires: ${text(details, "names")}${andOthers(details)}.`;
    }
    case "TokenOutlivesMaker":
      return `The token of the directory ${text(details, "directory")} was made by ${who}, who can no longer make one. It still works.`;
    case "BreakGlass":
      return `${who} approved their own request for ${role} on ${names.resource} in an emergency: ${text(details, "reason")}`;
  }
}

/** "25% of everybody assigned there", and the number and percentage from which it is too many. Empty for old alerts. */
function shareInWords({ count, assigned, threshold, percent }: AlertDetails): string {
  if (typeof count !== "number" || typeof assigned !== "number" || threshold === undefined) return "";
  const share = Math.floor((100 * count) / Math.max(1, assigned));
  const limit = percent === 0 ? `${threshold}` : `${threshold} and ${percent}%`;
  return `, ${share < 1 ? "less than 1" : share}% of everybody assigned there (the alert is raised from ${limit})`;
}

/** What follows an incomplete list of names. */
function andOthers({ count, names }: AlertDetails): string {
  const others = typeof count === "number" && typeof names === "object" ? count - names.length : 0;
  return others > 0 ? `, and ${others} more` : "";
}

/** What an unused account has, in words. */
function unusedAccess(details: AlertDetails): string {
  const roles = (count: unknown) => (count === 1 ? "1 role" : `${String(count)} roles`);
  const parts = [
    ...(details.eligible === 0 ? [] : [`is eligible for ${roles(details.eligible)}`]),
    ...(details.active === 0 ? [] : [`holds ${roles(details.active)}`]),
  ];
  return parts.join(" and ");
}
