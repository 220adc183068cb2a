"use client";

import { useLayoutEffect, useRef, useState } from "react";
import { MomentField } from "@/components/ui/forms/moment-field";
import { ChoiceChips } from "@/components/ui/lists/chips";
import { periodInWords } from "@/lib/domain/time/period";
import { endOfTerm, termsWithin, usualTerm } from "@/lib/web/assignment-terms";
import { typedMomentName } from "@/lib/web/typed-moment";

const permanent = "permanent";
const otherwise = "other";

/**
 * From when until when. A duration fills in the end, so that the form always shows the moment that is given. `maximum`
 * is the period of the role settings; null: permanent is allowed.
 */
export function TermFields({ type, maximum }: { type: "Eligible" | "Active"; maximum: number | null }) {
  const frame = useRef<HTMLDivElement>(null);
  const [term, setTerm] = useState(otherwise);
  const [end, setEnd] = useState({ iso: "", filled: 0 });
  const typed = useRef(false);
  const terms = termsWithin(type, maximum);

  /** The start in the form: what is typed, or now. */
  function start(): Date {
    const typed = frame.current?.querySelector<HTMLInputElement>(
      `[name=${typedMomentName("startsAt")}]`,
    )?.value;
    const moment = typed ? new Date(typed) : new Date();
    return Number.isNaN(moment.getTime()) ? new Date() : moment;
  }

  function choose(value: string) {
    typed.current = false;
    setTerm(value);
    const chosen = terms.find((each) => each.value === value);
    if (chosen)
      setEnd(({ filled }) => ({ iso: endOfTerm(start(), chosen).toISOString(), filled: filled + 1 }));
  }

  // In the browser alone: only it knows the reader's zone. Another type or maximum begins anew, unless an
  // end was typed. It is filled in before anything else can be typed: an end that was cleared stays empty.
  useLayoutEffect(() => {
    const usual = usualTerm(type, maximum);
    if (!usual || typed.current) return;
    setTerm(usual.value);
    setEnd(({ filled }) => ({ iso: endOfTerm(new Date(), usual).toISOString(), filled: filled + 1 }));
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
          <div
            onInput={() => {
              typed.current = true;
              setTerm(otherwise);
            }}
          >
            <MomentField
              key={end.filled}
              name="endsAt"
              label="End"
              initial={end.iso}
              hint={maximum === null ? undefined : `At most ${periodInWords(maximum)} after the start.`}
            />
          </div>
        )}
      </div>
    </div>
  );
}
