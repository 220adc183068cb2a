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

function read(): LastFactor {
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
  return useSyncExternalStore(never, read, () => "app");
}
