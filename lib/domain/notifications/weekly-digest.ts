import type { Notice } from "@/lib/domain/notifications/notice";
import { counted } from "@/lib/domain/text/number-format";
import { dayText } from "@/lib/domain/time/moment-text";

/** The figures of an administrator's scopes in one week and the two that follow. */
export interface DigestFigures {
  readonly activations: number;
  readonly eligibleAdded: number;
  readonly activeAdded: number;
  readonly removed: number;
  readonly ended: number;
  readonly refused: number;
  readonly endingSoon: number;
}

/** Active assignments in the scopes where the reader may see assignments. */
export interface DigestStanding {
  readonly now: number;
  /** How much there was at the last digest. */
  readonly before: number;
  readonly since: Date;
  /** The page that lists it. */
  readonly resourceId: string;
}

const day = 86_400_000;
/** The digest is made on Monday at this hour, UTC, or as soon after that as a worker runs. */
export const digestHour = 6;

/** The Monday, at midnight UTC, at the end of the week of the newest due digest. */
export function digestMonday(now: Date): Date {
  const shifted = new Date(now.getTime() - digestHour * 3_600_000);
  const midnight = Date.UTC(shifted.getUTCFullYear(), shifted.getUTCMonth(), shifted.getUTCDate());
  return new Date(midnight - ((shifted.getUTCDay() + 6) % 7) * day);
}

function date(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** How much standing access there is, and how it changed. */
function standingInWords({ now, before, since }: DigestStanding): string {
  const change = Math.abs(now - before);
  const said = change === 0 ? "as many as" : `${counted(change)} ${now > before ? "more" : "fewer"} than`;
  return `${counted(now)} active ${now === 1 ? "assignment" : "assignments"}, ${said} on ${dayText(since)}`;
}

/** The same beside its name, in a column that is narrow on a phone. */
function standingInFigures({ now, before }: DigestStanding): string {
  const change = Math.abs(now - before);
  return `${counted(now)}, ${change === 0 ? "unchanged" : `${counted(change)} ${now > before ? "more" : "fewer"}`}`;
}

/**
 * The digest as a notice; null if nothing happened in the week and nothing ends soon. `scopes` says
 * what the scopes are to the reader. `standing` is null for readers who may not see it.
 */
export function digestNotice(
  figures: DigestFigures,
  monday: Date,
  scopes: "you administer" | "you can administer",
  standing: DigestStanding | null = null,
): Notice | null {
  if (Object.values(figures).every((figure) => figure === 0)) return null;
  const from = new Date(monday.getTime() - 7 * day);
  const to = new Date(monday.getTime() - day);
  const ending = `${figures.endingSoon} ${figures.endingSoon === 1 ? "assignment ends" : "assignments end"}`;
  return {
    category: "digest",
    title: `Your week in privileged access, ${dayText(from)} to ${dayText(to)}`,
    body: `${figures.activations} ${figures.activations === 1 ? "activation" : "activations"} in the scopes ${scopes}. ${ending} in the next 14 days.${standing ? ` Standing access: ${standingInWords(standing)}.` : ""}`,
    facts: [
      { label: "Activations", value: String(figures.activations) },
      { label: "Made eligible", value: String(figures.eligibleAdded) },
      { label: "Assigned as active", value: String(figures.activeAdded) },
      { label: "Removed", value: String(figures.removed) },
      { label: "Ended by time", value: String(figures.ended) },
      { label: "Refused attempts", value: String(figures.refused) },
      { label: "Ending in the next 14 days", value: String(figures.endingSoon) },
      ...(standing ? [{ label: "Standing access", value: standingInFigures(standing) }] : []),
    ],
    href: `/audit?from=${date(from)}&to=${date(to)}`,
    ...(standing && standing.now > 0
      ? {
          also: {
            action: "Reduce standing access",
            href: `/resources/${standing.resourceId}/standing-access`,
          },
        }
      : {}),
  };
}
