"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Dialog } from "@/components/ui/dialog";

/**
 * Asks before a page with unsaved changes is left: by a link, by going back, by **Cancel** (`leave`), or by closing the
 * tab, for which the browser has its own question.
 */
export function useUnsavedChanges(unsaved: boolean) {
  const router = useRouter();
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const saved = useRef(false);

  useEffect(() => {
    if (!unsaved) return;
    const asks = () => !saved.current;
    const closing = (event: BeforeUnloadEvent) => {
      if (asks()) event.preventDefault();
    };
    const following = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      // A link within the form keeps what was typed, such as the one to set up an authenticator app.
      if (link?.closest("form")) return;
      const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
      if (!asks() || !link || link.target === "_blank" || elsewhere || link.hasAttribute("download")) return;
      event.preventDefault();
      event.stopPropagation();
      setLeaving(() => () => router.push(link.pathname + link.search + link.hash));
    };
    window.addEventListener("beforeunload", closing);
    document.addEventListener("click", following, { capture: true });
    return () => {
      window.removeEventListener("beforeunload", closing);
      document.removeEventListener("click", following, { capture: true });
    };
  }, [unsaved, router]);

  return {
    /** Leaves for a page, after a question if there are changes. */
    leave(address: string) {
      if (unsaved) setLeaving(() => () => router.push(address));
      else router.push(address);
    },
    /** Nothing is unsaved any more. */
    done() {
      saved.current = true;
    },
    question: (
      <Dialog
        open={leaving !== null}
        onOpenChange={(open) => {
          if (!open) setLeaving(null);
        }}
        title="Leave without saving?"
        description="Your changes are not saved."
      >
        <div className="dialog-actions">
          <button type="button" className="button" onClick={() => setLeaving(null)}>
            Keep editing
          </button>
          <button
            type="button"
            className="button button-danger"
            onClick={() => {
              saved.current = true;
              setLeaving(null);
              leaving?.();
            }}
          >
            Leave
          </button>
        </div>
      </Dialog>
    ),
  };
}
