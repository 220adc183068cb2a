"use client";

import { useEffect, useState } from "react";
import type { PaletteResults } from "@/lib/queries/preferences/palette";

export type PaletteState =
  | { readonly status: "searching" | "failed" | "signed out"; readonly answer: PaletteResults }
  | { readonly status: "found"; readonly answer: PaletteResults };

const nothing: PaletteResults = { activations: [], resources: [], roles: [], people: [], next: [] };
/** Long enough to skip requests for every letter, short enough not to be noticed. */
const restMilliseconds = 120;

/**
 * Searches once typing pauses, and drops outdated answers. Earlier results stay until new ones arrive. An empty
 * text finds favourites and recent activations.
 */
export function usePaletteSearch(typed: string): PaletteState {
  const [state, setState] = useState<PaletteState>({ status: "searching", answer: nothing });
  useEffect(() => {
    const search = typed.trim();
    setState(({ answer }) => ({ status: "searching", answer }));
    const request = new AbortController();
    const timer = setTimeout(
      async () => {
        try {
          const response = await fetch(`/palette?${new URLSearchParams({ search })}`, {
            signal: request.signal,
          });
          if (response.status === 401) setState({ status: "signed out", answer: nothing });
          else if (!response.ok) throw new Error(`the search answered ${response.status}`);
          else setState({ status: "found", answer: (await response.json()) as PaletteResults });
        } catch {
          if (!request.signal.aborted) setState({ status: "failed", answer: nothing });
        }
      },
      search === "" ? 0 : restMilliseconds,
    );
    return () => {
      clearTimeout(timer);
      request.abort();
    };
  }, [typed]);
  return state;
}
