"use client";

import { ReplayedRequests } from "@/components/roles/replayed-requests";
import type { EditReplay } from "@/components/roles/use-settings-replay";
import { Icon } from "@/components/ui/icon";
import { Sentence } from "@/components/ui/name";
import { effectInWords, isWeaker, replayDays } from "@/lib/domain/gate/settings-replay";
import { counted } from "@/lib/domain/text/number-format";
import { isolated } from "@/lib/domain/text/visible-text";
import { formatIn } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { ReplayFigure, SettingsReplay } from "@/lib/queries/roles/replay-settings";
import { shownValue } from "@/lib/web/replay-address";

const requests = (count: number) => `${counted(count)} ${count === 1 ? "request" : "requests"}`;

/** The result of a replay, in one sentence. */
export function replayInWords(result: SettingsReplay, times: ReaderTimes): string {
  const all = result.activations + result.assignments;
  const since = `since ${formatIn(times).moment(result.since)}`;
  if (all === 0)
    return `Nobody asked for this role here ${result.whole ? `in the last ${replayDays} days` : since}.`;
  const when = result.whole ? `of the last ${replayDays} days` : since;
  if (result.differing === 0) return `The outcome would have been the same for the ${requests(all)} ${when}.`;
  return `${counted(result.differing)} of ${requests(all)} ${when} would have had a different outcome.`;
}

/**
 * What the change would have done to the requests of the last ninety days, with the requests behind each
 * figure. Its buttons belong to the edit form, and submit it if there are no scripts.
 */
export function SettingsReplayPanel({ of: replay }: { readonly of: EditReplay }) {
  const found = foundBy(replay);
  const asking = replay.status === "asking";
  return (
    <section id="replay" aria-labelledby="replay-heading" aria-busy={asking} className="card settings-replay">
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
          <Figures of={replay} kind="Activation" count={found.activations} />
          <Figures of={replay} kind="Assignment" count={found.assignments} />
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
      <details className="replay-limits">
        <summary>What is replayed</summary>
        <p>
          <Sentence
            of={`Activations and their extensions, and what administrators assigned, changed, extended or renewed, at ${isolated(replay.resourceName)} and below. Each is judged by the settings of every level that counts for it, as they are now and with this change.`}
          />
        </p>
        <p>
          Each rule is judged separately, so one request can count in several figures. Attempts that were
          refused then, and requests of members to extend or renew other access, are not replayed. People may
          ask differently under other settings.
        </p>
      </details>
    </section>
  );
}

/** The same in one line, where the code is typed. On a narrow screen the panel is below, on a wide one beside it. */
export function ReplayLine({ of: replay }: { readonly of: EditReplay }) {
  if (replay.state !== "changed") return null;
  return <p className="replay-line">{sentenceOf(replay)}</p>;
}

function foundBy({ state, result }: EditReplay): SettingsReplay | null {
  return state === "changed" ? result : null;
}

function sentenceOf(replay: EditReplay): string {
  const found = foundBy(replay);
  switch (replay.state) {
    case "unreadable":
      return "Enter a maximum duration from 0.5 to 24 hours.";
    case "unchanged":
      return `Change a rule to see what it would have done to the requests of the last ${replayDays} days.`;
    case "changed":
      if (replay.status === "failed")
        return "The requests could not be replayed. Reload the page, or change something else.";
      return found
        ? replayInWords(found, replay.times)
        : `Replaying the requests of the last ${replayDays} days…`;
  }
}

/** The figures of one kind of request. */
function Figures(props: {
  readonly of: EditReplay;
  readonly kind: "Activation" | "Assignment";
  readonly count: number;
}) {
  const { of: replay, kind, count } = props;
  const { figures = [], listable } = replay.result ?? {};
  const own = figures.filter(({ effect }) => effect.startsWith(`${kind}.`));
  if (own.length === 0) return null;
  const one = kind === "Activation" ? "activation" : "assignment";
  return (
    <>
      <h3 className="replay-kind">
        Of {counted(count)} {count === 1 ? one : `${one}s`}
      </h3>
      <ul className="replay-figures">
        {own.map((figure) => (
          <li key={figure.effect}>
            {listable ? <OpenFigure of={replay} figure={figure} /> : <Figure of={figure} />}
          </li>
        ))}
      </ul>
    </>
  );
}

function Figure({ of: { effect, requests: count, people } }: { readonly of: ReplayFigure }) {
  return (
    <span className="replay-figure">
      <span className="replay-count">{counted(count)}</span>
      <span className="min-w-0">
        {effectInWords(effect)}{" "}
        {isWeaker(effect) ? <span className="badge badge-warning">Weaker</span> : null}
        <span className="block text-muted">{people === 1 ? "1 member" : `${counted(people)} members`}</span>
      </span>
    </span>
  );
}

/** A figure that opens the requests behind it. */
function OpenFigure({ of: replay, figure }: { readonly of: EditReplay; readonly figure: ReplayFigure }) {
  const { effect } = figure;
  const open = replay.shown?.effect === effect;
  const list = replay.result?.list ?? null;
  return (
    <>
      <button
        type="submit"
        form={replay.form}
        name="replay"
        value={open ? "" : shownValue({ effect, page: 1 })}
        aria-expanded={open}
        className="replay-open"
        onClick={(event) => {
          event.preventDefault();
          replay.show(open ? null : { effect, page: 1 });
        }}
      >
        <Figure of={figure} />
        <Icon name={open ? "chevron-down" : "chevron-right"} size={16} className="shrink-0 text-muted" />
      </button>
      {open ? (
        <ReplayedRequests
          effect={effect}
          list={list?.effect === effect ? list : null}
          times={replay.times}
          form={replay.form}
          resourceId={replay.resourceId}
          onPage={(page) => replay.show({ effect, page })}
        />
      ) : null}
    </>
  );
}
