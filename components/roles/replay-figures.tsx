import { ReplayedRequests } from "@/components/roles/replayed-requests";
import { Icon } from "@/components/ui/icon";
import { replayDays } from "@/lib/domain/gate/replay-days";
import { effectInWords, isWeaker } from "@/lib/domain/gate/settings-replay";
import { counted } from "@/lib/domain/text/number-format";
import { formatIn } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { ReplayFigure, SettingsReplay } from "@/lib/queries/roles/replay-settings";
import { type ShownFigure, shownValue } from "@/lib/web/replay-address";

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

interface Props {
  readonly result: SettingsReplay;
  readonly shown: ShownFigure | null;
  readonly times: ReaderTimes;
  /** The id of the edit form, which the buttons submit if there are no scripts. */
  readonly form: string;
  /** The resource of the page, which is not named again. */
  readonly resourceId: string;
}

/**
 * The figures of a replay, and the requests behind the one that is open. Written by the server where the page has a
 * replay, so its buttons have no handlers: the panel around them listens (`SettingsReplayPanel`).
 */
export function ReplayFigures(props: Props) {
  const { activations, assignments } = props.result;
  return (
    <>
      <Figures {...props} kind="Activation" count={activations} />
      <Figures {...props} kind="Assignment" count={assignments} />
    </>
  );
}

/** The figures of one kind of request. */
function Figures({
  kind,
  count,
  ...props
}: Props & { readonly kind: "Activation" | "Assignment"; readonly count: number }) {
  const { figures, listable } = props.result;
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
            {listable ? <OpenFigure {...props} figure={figure} /> : <Figure of={figure} />}
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
function OpenFigure({ figure, ...props }: Props & { readonly figure: ReplayFigure }) {
  const { effect } = figure;
  const open = props.shown?.effect === effect;
  const { list } = props.result;
  return (
    <>
      <button
        type="submit"
        form={props.form}
        name="replay"
        value={open ? "" : shownValue({ effect, page: 1 })}
        aria-expanded={open}
        className="replay-open"
      >
        <Figure of={figure} />
        <Icon name={open ? "chevron-down" : "chevron-right"} size={16} className="shrink-0 text-muted" />
      </button>
      {open ? (
        <ReplayedRequests
          effect={effect}
          list={list?.effect === effect ? list : null}
          times={props.times}
          form={props.form}
          resourceId={props.resourceId}
        />
      ) : null}
    </>
  );
}
