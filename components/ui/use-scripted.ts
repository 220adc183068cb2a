import { useSyncExternalStore } from "react";

const never = () => () => undefined;

/** Whether the page's script runs already: false in what the server drew, and until React has taken it over. */
export function useScripted(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
