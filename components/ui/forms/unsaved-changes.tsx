"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { askBeforeLeaving, holdBack } from "@/lib/web/leaving";

/** The place in the tab's history that is shown now. Null in browsers that do not provide it. */
function placeInHistory(): number | null {
  return "navigation" in window ? (window.navigation.currentEntry?.index ?? null) : null;
}

/**
 * Asks before a page with unsaved changes is left: by a link, by Back or Forward, by signing out, by the
 * palette or a shortcut (`leavePage`), by **Cancel** (`leave`), or by reloading or closing the tab, for which
 * the browser has its own question.
 */
export function useUnsavedChanges(unsaved: boolean) {
  const router = useRouter();
  const [leaving, setLeaving] = useState<(() => void) | null>(null);
  const saved = useRef(false);

  useEffect(() => {
    if (!unsaved) return;
    const { href } = location;
    const place = placeInHistory();
    const asks = () => !saved.current;
    const question = (leave: () => void) => (asks() ? setLeaving(() => leave) : leave());
    const closing = (event: BeforeUnloadEvent) => {
      if (asks()) event.preventDefault();
    };
    const following = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      // A link within the form, such as the one to set up an authenticator app, keeps what was typed.
      if (!link || link.closest("form") || !asks()) return;
      const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
      const samePage = link.hash !== "" && link.href.split("#")[0] === href.split("#")[0];
      if (link.target === "_blank" || elsewhere || samePage || link.hasAttribute("download")) return;
      event.preventDefault();
      event.stopPropagation();
      question(() => router.push(link.pathname + link.search + link.hash));
    };
    const signingOut = (event: SubmitEvent) => {
      const form = event.target;
      if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-leaves") || !asks()) return;
      event.preventDefault();
      event.stopPropagation();
      question(() => form.requestSubmit());
    };
    // The browser has already moved in its history. The page stays, and the browser is moved back.
    const wentBack = (event: PopStateEvent) => {
      if (!asks()) return;
      event.stopImmediatePropagation();
      const now = placeInHistory();
      const steps = place === null || now === null ? (location.href === href ? 0 : -1) : now - place;
      if (steps === 0) return;
      history.go(-steps);
      question(() => history.go(steps));
    };
    const forget = askBeforeLeaving(question);
    window.addEventListener("beforeunload", closing);
    const letGo = holdBack(wentBack);
    document.addEventListener("click", following, { capture: true });
    document.addEventListener("submit", signingOut, { capture: true });
    return () => {
      forget();
      window.removeEventListener("beforeunload", closing);
      letGo();
      document.removeEventListener("click", following, { capture: true });
      document.removeEventListener("submit", signingOut, { capture: true });
    };
  }, [unsaved, router]);

  return {
    /** Opens another page, after a question if there are changes. */
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
