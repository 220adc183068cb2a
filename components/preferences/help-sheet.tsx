"use client";

import { ShortcutList } from "@/components/preferences/shortcut-list";
import { Dialog } from "@/components/ui/dialog";

/** A dialog that lists the keyboard shortcuts. */
export default function HelpSheet({ hrefs, onClose }: { hrefs: readonly string[]; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Keyboard shortcuts"
      description="They work wherever you are not typing."
    >
      <ShortcutList hrefs={hrefs} />
      <div className="dialog-actions mt-4 items-center">
        <a className="mr-auto" href="/account/preferences" onClick={onClose}>
          Turn single keys off
        </a>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
