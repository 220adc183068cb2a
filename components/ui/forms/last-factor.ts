import { useSyncExternalStore } from "react";

export type LastFactor = "app" | "passkey" | "provider";
const key = "postern-factor";

/** Notes in this browser with what its reader proved themselves last. */
export function rememberFactor(factor: LastFactor): void {
  try {
    localStorage.setItem(key, factor);
  } catch {
    // A browser that keeps nothing offers the code first.
  }
}

/** What its reader proved themselves with last in this browser; the code where nothing is kept, or nothing that is known. */
export function lastFactorHere(): LastFactor {
  try {
    const kept = localStorage.getItem(key);
    return kept === "passkey" || kept === "provider" ? kept : "app";
  } catch {
    return "app";
  }
}

const never = () => () => undefined;

/** With what the reader proved themselves last in this browser: that is offered first. */
export function useLastFactor(): LastFactor {
  return useSyncExternalStore(never, lastFactorHere, () => "app");
}
