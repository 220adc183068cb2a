import { useSyncExternalStore } from "react";

export type LastFactor = "app" | "passkey" | "provider";
const key = "postern-factor";

/** Remembers in this browser which factor its reader used last. */
export function rememberFactor(factor: LastFactor): void {
  try {
    localStorage.setItem(key, factor);
  } catch {
    // In a browser that stores nothing, the code comes first.
  }
}

/** The factor that the reader used last in this browser. The code if nothing valid is stored. */
export function lastFactorHere(): LastFactor {
  try {
    const kept = localStorage.getItem(key);
    return kept === "passkey" || kept === "provider" ? kept : "app";
  } catch {
    return "app";
  }
}

const never = () => () => undefined;

/** The factor that the reader used last in this browser, which is offered first. */
export function useLastFactor(): LastFactor {
  return useSyncExternalStore(never, lastFactorHere, () => "app");
}
