"use client";

import { useLayoutEffect, useReducer, useRef } from "react";
import { ChoiceChips } from "@/components/ui/forms/choice-chips";
import { MomentField } from "@/components/ui/forms/moment-field";
import { useReaderTimes } from "@/components/ui/reader-times";
import { serverNow } from "@/components/ui/server-clock";
import { periodInWords } from "@/lib/domain/time/period";
import { momentTyped } from "@/lib/domain/time/typed-in-zone";
import { termsWithin, usualTerm } from "@/lib/web/assignment-terms";
import { nextTerm, noTerm, otherwise, permanent } from "@/lib/web/term-choice";
import { typedMomentName } from "@/lib/web/typed-moment";

/**
 * From when until when. A duration fills in the end, so that the form always shows the actual end. `maximum` is
 * the period of the role settings; null: permanent is allowed.
 */
export function TermFields({ type, maximum }: { type: "Eligible" | "Active"; maximum: number | null }) {
  const frame = useRef<HTMLDivElement>(null);
  const { zone } = useReaderTimes();
  const [{ term, end, filled, typed }, dispatch] = useReducer(nextTerm, noTerm);
  const terms = termsWithin(type, maximum);

  /** The start in the form: the typed one, or now. */
  function start(): Date {
    const typed = frame.current?.querySelector<HTMLInputElement>(
      `[name=${typedMomentName("startsAt")}]`,
    )?.value;
    return momentTyped(typed ?? "", zone) ?? new Date(serverNow());
  }

  function choose(value: string) {
    dispatch({ kind: "chosen", value, term: terms.find((each) => each.value === value), from: start() });
  }

  // Only in the browser, since only it knows the reader's zone. For another type or maximum the end is filled
  // in again, unless one was typed. It is filled in before anything else can be typed, so that an end that was
  // cleared stays empty.
  useLayoutEffect(() => {
    dispatch({ kind: "offered", term: usualTerm(type, maximum), from: new Date(serverNow()) });
  }, [type, maximum]);

  return (
    <div ref={frame} className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <ChoiceChips
        label="Duration"
        name="term"
        value={term}
        onChange={choose}
        choices={[
          ...terms,
          ...(maximum === null ? [{ value: permanent, label: "Permanently" }] : []),
          { value: otherwise, label: "Other" },
        ]}
      />
      {term === permanent ? <input type="hidden" name="permanently" value="on" /> : null}
      <div className="grid items-start gap-4 md:grid-cols-2">
        <MomentField name="startsAt" label="Start" hint="Leave empty to start now." />
        {term === permanent ? null : (
          <div onInput={() => dispatch({ kind: "typed" })} data-computed={typed ? undefined : ""}>
            <MomentField
              key={filled}
              name="endsAt"
              label="End"
              initial={end}
              hint={maximum === null ? undefined : `At most ${periodInWords(maximum)} after the start.`}
            />
          </div>
        )}
      </div>
    </div>
  );
}
