"use client";

import { useEffect, useState } from "react";

export interface Found {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly href: string;
}

export interface PaletteAnswer {
  readonly activations: readonly Found[];
  readonly resources: readonly Found[];
  readonly roles: readonly Found[];
  readonly people: readonly Found[];
}

export type PaletteState =
  | { readonly status: "idle" | "searching" | "failed" | "signed out"; readonly answer: PaletteAnswer }
  | { readonly status: "found"; readonly answer: PaletteAnswer };

const nothing: PaletteAnswer = { activations: [], resources: [], roles: [], people: [] };
/** Long enough to skip requests for every letter, short enough not to be noticed. */
const restMilliseconds = 120;

/** Searches once typing pauses, and drops outdated answers. Earlier results stay until new ones arrive. */
export function usePaletteSearch(typed: string): PaletteState {
  const [state, setState] = useState<PaletteState>({ status: "idle", answer: nothing });
  useEffect(() => {
    const search = typed.trim();
    if (search === "") {
      setState({ status: "idle", answer: nothing });
      return;
    }
    setState(({ answer }) => ({ status: "searching", answer }));
    const request = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const response = await fetch(`/palette?${new URLSearchParams({ search })}`, {
          signal: request.signal,
        });
        if (response.status === 401) setState({ status: "signed out", answer: nothing });
        else if (!response.ok) throw new Error(`the search answered ${response.status}`);
        else setState({ status: "found", answer: (await response.json()) as PaletteAnswer });
      } catch {
        if (!request.signal.aborted) setState({ status: "failed", answer: nothing });
      }
    }, restMilliseconds);
    return () => {
      clearTimeout(timer);
      request.abort();
    };
  }, [typed]);
  return state;
}
