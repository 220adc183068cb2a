"use client";

import { createContext, useContext, useEffect, useRef, useState } from "react";
import type { DecisionActions, OpenedDecision, SelectableRequest } from "@/components/requests/decision";
import { Dialog, dialogComesNear } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";

const DecideRequests = later(() =>
  import("@/components/requests/decide-requests").then((module) => module.DecideRequests),
);

const OpenDecision = createContext<(opened: OpenedDecision) => void>(() => undefined);

/** Opens the dialog of the `Decisions` around. */
export function useOpenDecision() {
  return useContext(OpenDecision);
}

const hints = {
  Approve: "The role is granted with the last required approval.",
  Deny: "One denial ends the request. The member can ask again.",
} as const;

/** Loads the dialog, since it is about to open. */
export function decisionComesNear(): void {
  dialogComesNear();
  DecideRequests.comeNear();
}

/** Decides requests of `children` in one dialog, with one justification and one code. */
export function Decisions(
  props: DecisionActions & {
    /** The list on which they can be selected. Once decided, by whomever, they no longer are. */
    readonly list: string;
    readonly children: React.ReactNode;
  },
) {
  // They leave the list once decided, but the dialog still shows them.
  const [opened, setOpened] = useState<OpenedDecision | null>(null);
  const opener = useRef<Element | null>(null);
  const open = (next: OpenedDecision) => {
    opener.current = document.activeElement;
    setOpened(next);
  };
  const close = () => {
    setOpened(null);
    // The dialog has no trigger of its own, so the focus is returned here.
    const { current } = opener;
    setTimeout(() => {
      if (current instanceof HTMLElement && current.isConnected) current.focus();
    });
  };
  return (
    <OpenDecision value={open}>
      {props.children}
      <Dialog
        open={opened !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) close();
        }}
        title={opened ? titleOf(opened) : ""}
        description={opened ? hints[opened.decision] : ""}
      >
        {opened ? (
          <DecideRequests
            {...opened}
            hasFactor={props.hasFactor}
            decide={props.decide}
            prepare={props.prepare}
            list={props.list}
            onClose={close}
          />
        ) : null}
      </Dialog>
    </OpenDecision>
  );
}

function titleOf({ decision, requests }: OpenedDecision): string {
  return requests.length === 1 ? `${decision} this request?` : `${decision} ${requests.length} requests?`;
}

/** **Approve** and **Deny** for one request. */
export function DecisionButtons({ request }: { request: SelectableRequest }) {
  const open = useOpenDecision();
  // A decided request leaves the list, so the focus moves before it is lost.
  useEffect(
    () => () => {
      if (document.activeElement === document.body) document.getElementById("main")?.focus();
    },
    [],
  );
  return (
    <div className="flex flex-wrap gap-2">
      {(["Approve", "Deny"] as const).map((decision) => (
        <button
          key={decision}
          type="button"
          className="button"
          aria-label={`${decision} ${request.title}`}
          onPointerEnter={decisionComesNear}
          onFocus={decisionComesNear}
          onClick={() => open({ decision, requests: [request] })}
        >
          {decision}
        </button>
      ))}
    </div>
  );
}
