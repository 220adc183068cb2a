"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Sentence } from "@/components/ui/name";
import { counted } from "@/lib/domain/text/number-format";

const askEveryMilliseconds = 1_500;

/** The progress of an import that the worker applies. Refreshes while the page is visible. */
export function ImportProgress(props: {
  done: number;
  left: number;
  confirmedBy: string;
  /** Whether a worker has run recently. */
  workerRuns: boolean;
}) {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") router.refresh();
    }, askEveryMilliseconds);
    return () => clearInterval(timer);
  }, [router]);
  const all = props.done + props.left;
  return (
    <>
      <label htmlFor="import-progress">
        {counted(props.done)} of {counted(all)} rows are done.
      </label>
      <progress id="import-progress" className="progress mt-1 mb-2" max={all} value={props.done} />
      <p className="text-muted">
        Confirmed by <Sentence of={props.confirmedBy} />.{" "}
        {props.workerRuns
          ? "It continues even when you leave this page."
          : "No worker has run for a minute. The import continues when one starts."}
      </p>
    </>
  );
}
