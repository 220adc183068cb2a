"use client";

import { useId } from "react";
import { type AskReplay, useReplay } from "@/components/roles/use-replay";
import { useScripted } from "@/components/ui/use-scripted";
import { changedSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsFaults } from "@/lib/domain/roles/role-settings-faults";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { SettingsReplay } from "@/lib/queries/roles/replay-settings";

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

export interface ReplayProps {
  readonly resourceId: string;
  readonly roleDefinitionId: string;
  readonly resourceName: string;
  readonly times: ReaderTimes;
  readonly replay: AskReplay;
  /** The replay in the page, if the form sent its settings in the address. */
  readonly replayed: SettingsReplay | null;
}

/** The replay of an edit of role settings while it is typed. */
export function useSettingsReplay(
  props: ReplayProps,
  base: { readonly settings: RoleSettings; readonly version: number },
  settings: RoleSettings,
) {
  const { resourceId, roleDefinitionId, resourceName, times } = props;
  const { version } = base;
  const scripted = useScripted();
  const judging = judgingOf(base.settings, settings);
  const unreadable = roleSettingsFaults(judging).some(({ field }) => field === "activationMaximumMinutes");
  const changed = changedSettings(base.settings, judging).length > 0;
  const state = unreadable ? "unreadable" : changed ? "changed" : "unchanged";
  const subject = { resourceId, roleDefinitionId, version, settings: state === "changed" ? judging : null };
  const replaying = useReplay(props.replay, subject, props.replayed);
  return {
    /** The id of the edit form, for buttons outside of it. */
    form: useId(),
    /** Whether scripts run. */
    scripted,
    ...replaying,
    state,
    version,
    resourceId,
    resourceName,
    times,
  } as const;
}

export type EditReplay = ReturnType<typeof useSettingsReplay>;
