"use client";

import { useRouter } from "next/navigation";
import { Suspense, useEffect, useState } from "react";
import { BarPanel } from "@/components/shell/bar-panel";
import { later } from "@/components/ui/later";
import { Name } from "@/components/ui/name";
import { usePassed } from "@/components/ui/use-passed";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import { endsSoon, shortTimeLeft } from "@/lib/domain/time/time-left";
import type { HeldRole, HeldSummary } from "@/lib/queries/activation/held-roles";
import type { FormOutcome } from "@/lib/web/form-outcome";

const HeldList = later(() => import("@/components/shell/held-list").then((module) => module.default));
const EndHeld = later(() => import("@/components/shell/end-held").then((module) => module.default));

/** What the person activated and holds now, always in sight: how many roles, and the time left of the first that ends. */
export function HeldPill(props: {
  readonly held: HeldSummary | null;
  readonly deactivate: (form: FormData) => Promise<FormOutcome>;
  readonly deactivateSeveral: (form: FormData) => Promise<FormOutcome>;
}) {
  const { held } = props;
  const router = useRouter();
  const [ending, setEnding] = useState<readonly HeldRole[]>([]);
  const left = (held?.millisecondsLeft ?? 0) - usePassed(held);
  const over = held !== null && left <= 0;
  useEffect(() => {
    if (over) router.refresh();
  }, [over, router]);
  const shown = held !== null && !(over && held.count === 1) ? held : null;
  const soon = shown !== null && endsSoon(left);
  return (
    <>
      {shown ? (
        <BarPanel
          href="/my-roles?tab=active"
          className={`held-pill ${soon ? "held-pill-soon" : ""}`}
          panelClass="bar-panel-held"
          panel="Active now"
          preload={HeldList.comeNear}
          face={
            <>
              <span className="sr-only">Active now: </span>
              <span className="held-pill-what">
                {shown.count === 1 ? <Name of={shown.roleName} /> : `${shown.count} roles`}
              </span>
              <span className="held-pill-dot">·</span>
              <span className="tabular-nums">{shortTimeLeft(left)}</span>
              <span className="sr-only"> left</span>
            </>
          }
        >
          {(close) => (
            <Suspense>
              <HeldList
                onEnd={(roles) => {
                  close();
                  setEnding(roles);
                }}
                onFollow={close}
                onRead={(count) => {
                  // Another window has changed it.
                  if (count !== shown.count) router.refresh();
                }}
              />
            </Suspense>
          )}
        </BarPanel>
      ) : null}
      <span role="status" className="sr-only">
        {soon ? `${visibleSentence(shown.roleName)} ends within 10 minutes.` : ""}
      </span>
      {ending.length > 0 ? (
        <Suspense>
          <EndHeld
            roles={ending}
            deactivate={props.deactivate}
            deactivateSeveral={props.deactivateSeveral}
            onClose={() => setEnding([])}
          />
        </Suspense>
      ) : null}
    </>
  );
}
