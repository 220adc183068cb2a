"use client";

import { useEffect, useRef } from "react";
import type { EditReplay } from "@/components/roles/use-settings-replay";
import { replayDays } from "@/lib/domain/gate/replay-days";

/**
 * What the change would have done to the requests of the last ninety days, with the requests behind each
 * figure. Its buttons belong to the edit form, and submit it if there are no scripts.
 */
export function SettingsReplayPanel({ of: replay }: { readonly of: EditReplay }) {
  const { found, result, show, Figures } = replay;
  const asking = replay.status === "asking";
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const { current } = panel;
    const turn = (event: Event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (button?.name !== "replay") return;
      event.preventDefault();
      const [name, page] = button.value.split(":");
      const figure = result?.figures.find(({ effect }) => effect === name);
      show(figure ? { effect: figure.effect, page: Number(page) } : null);
    };
    current?.addEventListener("click", turn);
    return () => current?.removeEventListener("click", turn);
  }, [result, show]);
  return (
    <section
      ref={panel}
      id="replay"
      aria-labelledby="replay-heading"
      aria-busy={asking}
      className="card settings-replay"
    >
      <h2 id="replay-heading">What would this have changed?</h2>
      <p aria-live="polite" className={found ? "mt-1" : "mt-1 text-muted"}>
        {sentenceOf(replay)}
      </p>
      {found && found.version !== replay.version ? (
        <p className="mt-2 rounded-md bg-(--warning-tint) px-2.5 py-2">
          Somebody else saved these role settings while you were editing. This compares with theirs, and
          saving shows both.
        </p>
      ) : null}
      {found ? (
        <div className={asking ? "opacity-60" : undefined}>
          {Figures ? <Figures {...replay} result={found} /> : replay.figures}
        </div>
      ) : null}
      {found && found.figures.length > 0 && !found.listable ? (
        <p className="mt-2 text-muted">You may not read assignments here, so the requests are not listed.</p>
      ) : null}
      <noscript>
        <button type="submit" form={replay.form} name="replay" className="button mt-3">
          Replay these settings
        </button>
      </noscript>
      {replay.limits}
    </section>
  );
}

/** The same in one line, where the code is typed. On a narrow screen the panel is below, on a wide one beside it. */
export function ReplayLine({ of: replay }: { readonly of: EditReplay }) {
  if (replay.state !== "changed") return null;
  return <p className="replay-line">{sentenceOf(replay)}</p>;
}

function sentenceOf(replay: EditReplay): string {
  switch (replay.state) {
    case "unreadable":
      return "Enter a maximum duration from 0.5 to 24 hours.";
    case "unchanged":
      return `Change a rule to see what it would have done to the requests of the last ${replayDays} days.`;
    case "changed":
      if (replay.status === "failed")
        return "The requests could not be replayed. Reload the page, or change something else.";
      return replay.sentence ?? `Replaying the requests of the last ${replayDays} days…`;
  }
}
