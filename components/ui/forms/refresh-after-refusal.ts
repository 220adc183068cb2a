import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";

/**
 * What was refused may have changed or gone. When the form closes after a refusal, the page behind is read
 * again. With `atOnce` this happens immediately, since a refused passkey may have been removed elsewhere and
 * should no longer be offered.
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
