"use client";

import { useId, useState } from "react";

/** One choice of the activation panel, as a line that opens to change it. */
export function SummaryLine(props: {
  label: string;
  value: React.ReactNode;
  /** Open from the start, for example for a draft. */
  open?: boolean;
  /** What the open line contains; null if there is nothing to choose. Fields that are always sent are outside. */
  children: React.ReactNode;
}) {
  const id = useId();
  const [open, setOpen] = useState(props.open ?? false);
  return (
    <div>
      <div className="flex min-h-7 items-baseline gap-2">
        <span className="w-14 shrink-0 text-muted">{props.label}</span>
        <span className="min-w-0 truncate font-medium">{props.value}</span>
        {props.children === null ? null : (
          <button
            type="button"
            className="ml-auto min-h-7 shrink-0 px-1 underline decoration-1 underline-offset-2 hover:decoration-2 touch:min-h-11"
            aria-expanded={open}
            aria-controls={id}
            aria-label={open ? `Close ${props.label.toLowerCase()}` : `Change ${props.label.toLowerCase()}`}
            onClick={() => setOpen(!open)}
          >
            {open ? "Close" : "Change"}
          </button>
        )}
      </div>
      <div id={id} hidden={!open} className="mt-1 mb-2">
        {props.children}
      </div>
    </div>
  );
}
