"use client";

import { Icon } from "@/components/ui/icon";
import { toast } from "@/components/ui/toast";

/** A password or link that is shown once, with a button to copy it. */
export function ShownOnce(props: { label: string; value: string; hint: string; children?: React.ReactNode }) {
  return (
    <div role="status" className="grid gap-3">
      <h2>{props.label}</h2>
      <p className="text-muted">{props.hint}</p>
      <div className="flex flex-wrap items-center gap-2 rounded-lg border border-line bg-sunken p-3">
        <code data-testid="shown-once" className="grow text-base break-all">
          {props.value}
        </code>
        <button
          type="button"
          className="button"
          onClick={() => {
            navigator.clipboard.writeText(props.value).then(
              () => toast.success("Copied."),
              () => toast.error("The browser did not allow copying. Select the text and copy it."),
            );
          }}
        >
          <Icon name="copy" size={15} /> Copy
        </button>
      </div>
      <div className="flex justify-end gap-2">{props.children}</div>
    </div>
  );
}
