"use client";

import { editForm } from "@/components/roles/edit-form";
import type { EditJudgement } from "@/components/roles/judge-edit";
import type { useEditParts } from "@/components/roles/use-edit-parts";
import { type AskReplay, useReplay } from "@/components/roles/use-replay";
import { useScripted } from "@/components/ui/use-scripted";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { SettingsReplay } from "@/lib/queries/roles/replay-settings";

export interface ReplayProps {
  readonly resourceId: string;
  readonly roleDefinitionId: string;
  readonly times: ReaderTimes;
  readonly replay: AskReplay;
  /** The replay in the page, if the form sent its settings in the address, in words and as figures. */
  readonly replayed: {
    readonly result: SettingsReplay;
    readonly sentence: string;
    readonly figures: React.ReactNode;
  } | null;
  /** What the replay counts. */
  readonly limits: React.ReactNode;
}

/** The replay of an edit of role settings while it is typed. */
export function useSettingsReplay(
  props: ReplayProps,
  version: number,
  { state, judging }: EditJudgement,
  parts: ReturnType<typeof useEditParts>["parts"],
) {
  const { resourceId, roleDefinitionId, times, replayed } = props;
  const scripted = useScripted();
  const subject = { resourceId, roleDefinitionId, version, settings: judging };
  const { result, shown, show, status } = useReplay(props.replay, subject, replayed?.result ?? null);
  const found = state === "changed" ? result : null;
  return {
    form: editForm,
    /** Whether scripts run. */
    scripted,
    ...{ result, found, shown, show, status, state, version, times, resourceId },
    /** Null until there is an answer. */
    sentence: found && (parts ? parts.replayInWords(found, times) : (replayed?.sentence ?? null)),
    Figures: parts?.ReplayFigures ?? null,
    /** What stands for `Figures` until it is loaded. */
    figures: replayed?.figures ?? null,
    limits: props.limits,
  } as const;
}

export type EditReplay = ReturnType<typeof useSettingsReplay>;
