import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { principalText } from "@/lib/domain/people/principal-identity";
import { type ChangedRow, changedRows } from "@/lib/domain/roles/role-setting-rows";
import { changedSettings, type RoleSettings, weakenedSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsFaults } from "@/lib/domain/roles/role-settings-faults";

/** What an edit of role settings changes, as far as its page knows. */
export interface EditJudgement {
  readonly changed: readonly ChangedRow[];
  /** Whether it weakens protection. Only the server knows the settings of other levels. */
  readonly weakens: boolean;
  /** The settings as they judge requests. Null if they judge as before, or cannot be read. */
  readonly judging: RoleSettings | null;
  readonly state: "unreadable" | "unchanged" | "changed";
}

/** The settings as they judge requests: without who is notified, and with whole numbers while one is being typed. */
function judgingOf(base: RoleSettings, settings: RoleSettings): RoleSettings {
  const whole = (number: number) => (Number.isInteger(number) ? number : 0);
  return {
    ...settings,
    notifications: base.notifications,
    approvalStages: settings.approvalStages.map((stage) => ({
      ...stage,
      approvalsNeeded: whole(stage.approvalsNeeded),
      timeoutHours: whole(stage.timeoutHours),
    })),
  };
}

/** The name of a principal in the words of settings. */
export function nameAmong(people: ReadonlyMap<string, NamedPrincipal>): (id: string) => string {
  return (id) => {
    const person = people.get(id);
    return person ? principalText(person) : "Unknown principal";
  };
}

/** Compares an edit with the settings that it is based on. */
export function judgeEdit(
  base: RoleSettings,
  settings: RoleSettings,
  people: ReadonlyMap<string, NamedPrincipal>,
  allowedMailDomains: readonly string[],
): EditJudgement {
  // Only what this page knows. The server knows group members and other requestors when it saves.
  const deciders = {
    able: (ids: readonly string[]) => new Set(ids.filter((id) => !people.get(id)?.disabled)),
    mayAsk: new Set<string>(),
  };
  const weakened = weakenedSettings(base, settings, { deciders, otherLevels: [], allowedMailDomains });
  const judging = judgingOf(base, settings);
  const unreadable = roleSettingsFaults(judging).some(({ field }) => field === "activationMaximumMinutes");
  const changed = changedSettings(base, judging).length > 0;
  return {
    changed: changedRows(base, settings, weakened, nameAmong(people)),
    weakens: weakened.length > 0,
    judging: changed && !unreadable ? judging : null,
    state: unreadable ? "unreadable" : changed ? "changed" : "unchanged",
  };
}
