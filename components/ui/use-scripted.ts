import { useSyncExternalStore } from "react";

const never = () => () => undefined;

/** Whether the page's script is already running. False in what the server rendered, and until React has taken it over. */
export function useScripted(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
