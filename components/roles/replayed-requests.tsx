import { Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { effectInWords, type ReplayEffect } from "@/lib/domain/gate/settings-replay";
import { formatIn } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { ReplayedRequest, SettingsReplay } from "@/lib/queries/roles/replay-settings";
import { shownValue } from "@/lib/web/replay-address";

/** The requests behind a figure, newest first. Null while they are loading. */
export function ReplayedRequests(props: {
  readonly effect: ReplayEffect;
  readonly list: SettingsReplay["list"];
  readonly times: ReaderTimes;
  readonly form: string;
  /** The resource of the page, which is not named again. */
  readonly resourceId: string;
}) {
  const { effect, list, times } = props;
  if (!list) return <p className="py-2 text-muted">Reading the requests…</p>;
  const turn = (label: string, page: number) =>
    page < 1 || page > list.pages ? null : (
      <button
        type="submit"
        form={props.form}
        name="replay"
        value={shownValue({ effect, page })}
        className="button"
      >
        {label}
      </button>
    );
  return (
    <div className="replay-list">
      <ul aria-label={`Requests that ${effectInWords(effect)}`}>
        {list.rows.map((row) => (
          <li key={row.id}>
            <PrincipalName of={row.person} />
            <p className="mt-0.5 text-muted wrap-anywhere">
              {askedFor(row, times)}
              {row.resourceId === props.resourceId ? null : (
                <>
                  {" "}
                  on <Name of={row.resourceName} />
                </>
              )}
              ,{" "}
              <a href={`/requests/${row.id}`} target="_blank" rel="noreferrer" className="whitespace-nowrap">
                {formatIn(times).moment(row.createdAt)}
                <span className="sr-only"> (opens in a new tab)</span>
              </a>
            </p>
          </li>
        ))}
      </ul>
      {list.pages > 1 ? (
        <div className="mt-2 flex flex-wrap items-center gap-2">
          {turn("Previous page", list.page - 1)}
          {turn("Next page", list.page + 1)}
          <span className="text-muted">
            Page {list.page} of {list.pages}
          </span>
        </div>
      ) : null}
    </div>
  );
}

/** What was requested: "8 hours", "Eligible until 3 Mar 2027, 10:00", "Active, permanently". */
function askedFor(row: ReplayedRequest, times: ReaderTimes): string {
  if (row.kind === "Activation") return minutesInWords(row.durationMinutes ?? 0);
  return row.endsAt ? `${row.kind} until ${formatIn(times).moment(row.endsAt)}` : `${row.kind}, permanently`;
}
