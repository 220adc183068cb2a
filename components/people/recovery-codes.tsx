"use client";

import { useEffect, useRef } from "react";
import { useFocusWhenGone } from "@/components/ui/forms/form-focus";
import { Icon } from "@/components/ui/icon";
import { toast } from "@/components/ui/toast";

const said = "Postern recovery codes. Each works once, in place of a code of the authenticator app.";

/** Recovery codes, shown once, with **Copy**, **Download** and **Print**. */
export function RecoveryCodes(props: { readonly codes: readonly string[]; readonly onStored: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that had the focus has disappeared, so the codes are read out from here.
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useFocusWhenGone(heading);
  const text = `${said}\n\n${props.codes.join("\n")}\n`;
  return (
    <div role="status" className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <h3 ref={heading} tabIndex={-1} className="outline-none">
        Your recovery codes
      </h3>
      <p className="text-muted">
        Each works once, in place of a code. Print or store them now: they are not shown again.
      </p>
      <ul className="grid max-w-2xl grid-cols-[repeat(auto-fill,minmax(15.5rem,1fr))] gap-x-6 gap-y-1.5 rounded-lg border border-line bg-sunken px-2.5 py-3 font-mono text-[0.93rem] sm:py-4">
        {props.codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2 print:hidden">
        <button
          type="button"
          className="button"
          onClick={() => {
            navigator.clipboard.writeText(text).then(
              () => toast.success("Copied."),
              () => toast.error("The browser did not allow copying. Select the codes and copy them."),
            );
          }}
        >
          <Icon name="copy" size={15} /> Copy
        </button>
        <button type="button" className="button" onClick={() => download(text)}>
          <Icon name="download" size={15} /> Download
        </button>
        <button type="button" className="button" onClick={() => window.print()}>
          Print
        </button>
        <button type="button" className="button button-primary" onClick={props.onStored}>
          I have stored them
        </button>
      </div>
    </div>
  );
}

/** Saves a text as a file. */
function download(text: string) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "postern-recovery-codes.txt";
  link.click();
  URL.revokeObjectURL(address);
}
