"use client";

import { useEffect, useState } from "react";

/**
 * The milliseconds since the browser received `since`, updated each second. Countdowns of what the server said
 * is left use this, so that a wrong clock of the browser does not matter. One of its clocks may stop while the
 * machine sleeps.
 */
export function usePassed(since: object | null): number {
  const [state, setState] = useState({ since, passed: 0 });
  useEffect(() => {
    if (since === null) return;
    const started = [performance.now(), Date.now()] as const;
    const timer = setInterval(() => {
      const passed = Math.max(performance.now() - started[0], Date.now() - started[1]);
      setState({ since, passed });
    }, 1000);
    return () => clearInterval(timer);
  }, [since]);
  return state.since === since ? state.passed : 0;
}
