import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";

/**
 * What was refused may have changed or gone. When the form closes after a refusal, the page behind is read again; with
 * `atOnce` immediately, as a passkey that was refused may have been removed elsewhere, and is offered no more then.
 */
export function useRefreshAfterRefusal() {
  const router = useRouter();
  const refusedLast = useRef(false);
  useEffect(
    () => () => {
      if (refusedLast.current) router.refresh();
    },
    [router],
  );
  return (refused: boolean, atOnce: boolean) => {
    refusedLast.current = refused;
    if (refused && atOnce) router.refresh();
  };
}
