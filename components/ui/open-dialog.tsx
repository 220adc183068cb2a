"use client";

import * as Radix from "@radix-ui/react-dialog";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { fillInDraft, forgetDraft, keepDraft } from "@/components/ui/forms/dialog-draft";
import { DialogResult, focusPlace, resultPlace } from "@/components/ui/forms/dialog-result";
import { Sentence } from "@/components/ui/name";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: string;
  children: React.ReactNode;
}

/** Where the focus goes when a dialog closes: to the element that opened it, as long as it is visible. */
function returnFocus(opener: Element | null) {
  const main = document.getElementById("main");
  const there = opener instanceof HTMLElement && opener.isConnected && opener.getClientRects().length > 0;
  if (there) opener.focus();
  else if (opener?.isConnected) main?.focus();
}

/** The content of an open dialog, in its own module so that pages load without it. */
export default function OpenDialog(props: Props) {
  const opener = useRef<Element | null>(null);
  const keeping = useRef(false);
  return (
    <Radix.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Content {...props} opener={opener} keeping={keeping} />
      </Radix.Portal>
    </Radix.Root>
  );
}

/**
 * A click beside the dialog closes it only after a question if something was typed. Escape closes it and keeps
 * what was typed for the next time that it opens. Its other ways out, including **Cancel**, discard the draft.
 */
function Content(
  props: Props & {
    opener: React.RefObject<Element | null>;
    keeping: React.RefObject<boolean>;
  },
) {
  const { opener, keeping, title } = props;
  // The element that had the focus when the dialog was rendered. Radix does not ask for it if a field takes the
  // focus at once.
  const [before] = useState(() => document.activeElement);
  const content = useRef<HTMLDivElement>(null);
  const changed = useRef(new Set<string>());
  const place = useRef<HTMLElement | null>(null);
  const succeeded = useRef(false);
  const [asking, setAsking] = useState(false);
  useLayoutEffect(() => {
    opener.current = before;
    place.current = resultPlace(before);
  }, [before, opener]);
  const typing = useRef<HTMLElement | null>(null);

  useEffect(() => {
    const { current } = content;
    if (!current) return;
    const key = `${window.location.pathname} ${title}`;
    const names = changed.current;
    const note = ({ target }: Event) => {
      if (!(target instanceof HTMLElement)) return;
      names.add(target.getAttribute("name") ?? "");
      typing.current = target;
    };
    current.addEventListener("input", note);
    keeping.current = false;
    const end = fillInDraft(key, current, (name) => names.add(name));
    return () => {
      end();
      current.removeEventListener("input", note);
      if (!keeping.current) forgetDraft(key);
    };
  }, [title, keeping]);

  function stay() {
    setAsking(false);
    typing.current?.focus();
  }

  return (
    <Radix.Content
      ref={content}
      className="dialog"
      onOpenAutoFocus={() => {
        opener.current = document.activeElement;
        place.current = resultPlace(opener.current);
        succeeded.current = false;
      }}
      onCloseAutoFocus={(event) => {
        event.preventDefault();
        if (succeeded.current) focusPlace(place.current);
        else returnFocus(opener.current);
      }}
      onEscapeKeyDown={(event) => {
        if (asking) {
          event.preventDefault();
          return stay();
        }
        if (!content.current) return;
        keeping.current = true;
        keepDraft(`${window.location.pathname} ${title}`, content.current, changed.current);
      }}
      onPointerDownOutside={(event) => {
        const toast = event.target instanceof Element && event.target.closest("[data-sonner-toaster]");
        const form = content.current?.querySelector("form :is(input, textarea, select):not([type=hidden])");
        if (toast) event.preventDefault();
        else if (changed.current.size > 0 && form) {
          event.preventDefault();
          setAsking(true);
        }
      }}
    >
      <Radix.Title className="dialog-title" title={title}>
        <span>
          <Sentence of={title} />
        </span>
      </Radix.Title>
      <Radix.Description className="mt-1 mb-4 text-muted wrap-anywhere">
        <Sentence of={props.description} />
      </Radix.Description>
      <DialogResult.Provider
        value={() => {
          succeeded.current = true;
        }}
      >
        {props.children}
      </DialogResult.Provider>
      {asking ? <DiscardQuestion onDiscard={() => props.onOpenChange(false)} onKeep={stay} /> : null}
    </Radix.Content>
  );
}

function DiscardQuestion(props: { onDiscard: () => void; onKeep: () => void }) {
  const question = useId();
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  return (
    <div role="alertdialog" aria-labelledby={question} className="dialog-question">
      <p id={question} className="grow font-medium">
        Discard what you typed?
      </p>
      <button type="button" className="button" onClick={props.onDiscard}>
        Discard
      </button>
      <button ref={keep} type="button" className="button button-primary" onClick={props.onKeep}>
        Keep editing
      </button>
    </div>
  );
}
