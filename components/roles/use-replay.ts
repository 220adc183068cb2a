"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { SettingsReplay } from "@/lib/queries/roles/replay-settings";
import type { ShownFigure } from "@/lib/web/replay-address";

/** Requests a replay of settings. Null if the caller may not see one, for example after signing out. */
export type AskReplay = (
  resourceId: string,
  roleDefinitionId: string,
  settings: RoleSettings,
  shown: ShownFigure | null,
) => Promise<SettingsReplay | null>;

export interface ReplaySubject {
  readonly resourceId: string;
  readonly roleDefinitionId: string;
  /** The version that the edit is based on. */
  readonly version: number;
  /** Null while there is nothing to replay. */
  readonly settings: RoleSettings | null;
}

interface ReplayState {
  /** The last answer. It stays until the next one. */
  readonly result: SettingsReplay | null;
  readonly status: "ready" | "asking" | "failed";
}

/** Long enough for a number to be typed to its end. */
const restMilliseconds = 400;

/**
 * Replays proposed settings once changing them pauses, and drops outdated answers. `show` opens the requests
 * behind a figure, or closes them. `first` is the replay in the page.
 */
export function useReplay(ask: AskReplay, subject: ReplaySubject, first: SettingsReplay | null) {
  const { resourceId, roleDefinitionId, version, settings } = subject;
  const [state, setState] = useState<ReplayState>({ result: first, status: "ready" });
  const [shown, setShown] = useState<ShownFigure | null>(first?.list ?? null);
  const key = settings === null ? null : JSON.stringify([version, settings]);
  const seen = useRef(first ? key : null);
  const asked = useRef(0);

  const run = useCallback(
    (proposed: RoleSettings, figure: ShownFigure | null) => {
      asked.current += 1;
      const number = asked.current;
      ask(resourceId, roleDefinitionId, proposed, figure)
        .catch(() => null)
        .then((result) => {
          if (number !== asked.current) return;
          if (result) setState({ result, status: "ready" });
          else setState((before) => ({ ...before, status: "failed" }));
        });
    },
    [ask, resourceId, roleDefinitionId],
  );

  useEffect(() => {
    if (key === seen.current) return;
    // A pending answer is outdated.
    asked.current += 1;
    setShown(null);
    if (key === null) {
      seen.current = key;
      setState({ result: null, status: "ready" });
      return;
    }
    setState(({ result }) => ({ result, status: "asking" }));
    const timer = setTimeout(() => {
      seen.current = key;
      const [, proposed] = JSON.parse(key) as [number, RoleSettings];
      run(proposed, null);
    }, restMilliseconds);
    return () => clearTimeout(timer);
  }, [key, run]);

  return {
    ...state,
    shown,
    show(figure: ShownFigure | null) {
      setShown(figure);
      if (figure && settings) run(settings, figure);
    },
  };
}

export type Replaying = ReturnType<typeof useReplay>;
