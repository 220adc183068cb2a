import { activeMaximumDaysChoices, eligibleMaximumDaysChoices } from "@/lib/domain/roles/duration-choices";
import {
  activationStepMinutes,
  maximumActivationMinutes,
  minimumActivationMinutes,
  type RoleSettings,
} from "@/lib/domain/roles/role-settings";

/** The settings for how long access may last that an administrator gives. */
export type DirectNumbers = Pick<RoleSettings, "eligibleMaximumDays" | "activeMaximumDays">;

const minutesOfDay = 1_440;
const shape =
  /^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:\d{1,8}S)?)?$/;

/** An ISO 8601 duration in minutes, with months of 30 days and years of 365; null if it is invalid. */
export function minutesOf(text: string | null | undefined): number | null {
  const found = text ? shape.exec(text) : null;
  if (!found) return null;
  const [years, months, weeks, days, hours, minutes] = found.slice(1).map((part) => Number(part ?? 0));
  const wholeDays = (years ?? 0) * 365 + (months ?? 0) * 30 + (weeks ?? 0) * 7 + (days ?? 0);
  const total = wholeDays * minutesOfDay + (hours ?? 0) * 60 + (minutes ?? 0);
  return total > 0 ? total : null;
}

/** The longest activation that Postern supports and that is no longer than this; at least half an hour. */
export function nearestMinutes(minutes: number): number {
  const steps = Math.floor(minutes / activationStepMinutes) * activationStepMinutes;
  return Math.min(maximumActivationMinutes, Math.max(minimumActivationMinutes, steps));
}

/** The longest choice that is no longer than this, or the shortest one; and whether it is the same. */
export function eligibleAndActiveDays(
  name: keyof DirectNumbers,
  minutes: number,
): { readonly days: number; readonly exact: boolean } {
  const days = Math.round(minutes / minutesOfDay);
  const choices: readonly number[] =
    name === "eligibleMaximumDays" ? eligibleMaximumDaysChoices : activeMaximumDaysChoices;
  const [shortest = days] = choices;
  const chosen = choices.filter((choice) => choice <= days).at(-1) ?? shortest;
  return { days: chosen, exact: chosen === days };
}
