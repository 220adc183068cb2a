"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { useSubmit } from "@/components/ui/favourite-star";
import type { FormOutcome } from "@/lib/web/form-outcome";

const lookAgainMilliseconds = 1_500;

/** Requests a scan, and shows its result as soon as it has finished. */
export function ScanNow(props: {
  readonly resourceId: string;
  /** A scan is under way. */
  readonly scanning: boolean;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const router = useRouter();
  const { pending, send } = useSubmit(props.submit);
  const busy = pending || props.scanning;
  useEffect(() => {
    if (!props.scanning) return;
    const timer = setInterval(() => router.refresh(), lookAgainMilliseconds);
    return () => clearInterval(timer);
  }, [router, props.scanning]);
  return (
    <>
      <button
        type="button"
        className="button"
        aria-disabled={busy}
        onClick={() => {
          if (!busy) send({ resourceId: props.resourceId });
        }}
      >
        {busy ? "Scanning…" : "Scan now"}
      </button>
      <span role="status" className="sr-only">
        {props.scanning ? "A scan is under way." : ""}
      </span>
    </>
  );
}
