"use client";

import { useContext, useId, useState } from "react";
import { ErrorText } from "@/components/ui/forms/error-text";
import { FieldErrors } from "@/components/ui/forms/field";
import { offeredDurations } from "@/lib/domain/gate/activation-time";
import { minutesInWords } from "@/lib/domain/time/schedule";

/** "30 min", "4 h", "1 h 30 min". */
function shortly(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours > 0 ? `${hours} h` : "", rest > 0 ? `${rest} min` : ""].filter(Boolean).join(" ");
}

const hoursOf = (minutes: number) => String(Math.round((minutes / 60) * 100) / 100);

/**
 * **Duration**, or a field with another label, as chips: half an hour, one and four hours, the longest, or
 * another one in hours.
 */
export function DurationField(props: {
  minutes: number;
  shortest: number;
  longest: number;
  onChange: (minutes: number) => void;
  /** One line that says until when, and what limits it. */
  hint: React.ReactNode;
  label?: string;
}) {
  const { minutes, shortest, longest, onChange } = props;
  const id = useId();
  const error = useContext(FieldErrors).duration;
  const offered = offeredDurations(shortest, longest);
  const [other, setOther] = useState(!offered.includes(minutes));
  // The typed text counts as it is. An empty or impossible number is refused, and never replaced by an earlier
  // one.
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <div
      role="radiogroup"
      tabIndex={-1}
      aria-labelledby={`${id}-label`}
      aria-describedby={[`${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ")}
      aria-invalid={error ? true : undefined}
      className="outline-none"
    >
      <input type="hidden" name="duration" value={other && typed !== null ? typed : minutes / 60} />
      <span id={`${id}-label`} className="label">
        {props.label ?? "Duration"}
      </span>
      <div className="chips">
        {offered.map((each) => (
          <label key={each} className="chip">
            <input
              type="radio"
              className="sr-only"
              name="durationChoice"
              value={each}
              checked={!other && each === minutes}
              onChange={() => {
                setOther(false);
                setTyped(null);
                onChange(each);
              }}
            />
            {shortly(each)}
            {each === longest && offered.length > 1 ? " max." : ""}
          </label>
        ))}
        {shortest < longest ? (
          <label className="chip">
            <input
              type="radio"
              className="sr-only"
              name="durationChoice"
              value="other"
              checked={other}
              onChange={() => setOther(true)}
            />
            Other
          </label>
        ) : null}
        {other && shortest < longest ? (
          <label className="flex items-center gap-1.5">
            <input
              type="number"
              name="durationHours"
              className="input w-20"
              aria-label="Hours"
              min={shortest / 60}
              max={longest / 60}
              step={0.5}
              defaultValue={hoursOf(minutes)}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                const whole = Math.round(event.currentTarget.valueAsNumber * 60);
                if (Number.isFinite(whole)) onChange(whole);
              }}
            />
            hours
          </label>
        ) : null}
      </div>
      <p id={`${id}-hint`} className="mt-1 text-muted">
        {props.hint}
      </p>
      <ErrorText id={`${id}-error`} of={error} />
    </div>
  );
}

/** What limits a duration: the eligibility, or the role settings. */
export function limitInWords(longest: number, eligibilityMinutes: number | null): string {
  return eligibilityMinutes !== null && eligibilityMinutes <= longest
    ? `This eligibility ends in ${shortly(eligibilityMinutes)}.`
    : `At most ${minutesInWords(longest)}.`;
}
