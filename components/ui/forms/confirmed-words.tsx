import { Sentence } from "@/components/ui/name";
import { useReaderTimes } from "@/components/ui/reader-times";
import { inReadersZone, inWords } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { PreparedChallenge } from "@/lib/web/form-outcome";

/** A text in which UTC times are shown in the reader's zone. It may be a time itself. */
function localTo(times: ReaderTimes, value: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
    ? inWords(new Date(value), times)
    : inReadersZone(value, times);
}

/** What a code confirms, in one line that does not grow. It opens to show each part on its own line. */
export function ConfirmedWords({ of: asked }: { of: Extract<PreparedChallenge, { ok: true }> }) {
  const times = useReaderTimes();
  const local = (value: string) => localTo(times, value);
  return (
    <details className="clear-both">
      <summary className="confirmed-line wrap-anywhere">
        You confirm:{" "}
        <strong>
          <Sentence of={asked.title} />
        </strong>
        {asked.details.map(({ label, value }) => (
          <span key={`${label} ${value}`} className="text-muted">
            {" · "}
            <Sentence of={value.split("\n").map(local).join(", ")} />
          </span>
        ))}
      </summary>
      <dl className="mt-1 grid grid-cols-[fit-content(50%)_minmax(0,1fr)] gap-x-3 text-muted">
        {asked.details.map(({ label, value }) => (
          <div key={`${label} ${value}`} className="contents">
            <dt className="wrap-anywhere">
              <Sentence of={label} />
            </dt>
            <dd className="wrap-anywhere">
              {value.split("\n").map((line) => (
                <span key={line} className="block">
                  <Sentence of={local(line)} />
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
