import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";

/** What was refused may have changed or gone. When the form closes after a refusal, the page behind is read again. */
export function useRefreshAfterRefusal() {
  const router = useRouter();
  const refusedLast = useRef(false);
  useEffect(
    () => () => {
      if (refusedLast.current) router.refresh();
    },
    [router],
  );
  return refusedLast;
}
