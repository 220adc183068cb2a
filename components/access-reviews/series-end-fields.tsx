"use client";

import { useState } from "react";
import { SelectField, TextField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import { maximumSeriesTimes, seriesEnds } from "@/lib/domain/access-reviews/access-review";
import { seriesEndWords } from "@/lib/domain/access-reviews/access-review-words";

/** When a recurring review ends. */
export function SeriesEndFields() {
  const [kind, setKind] = useState<(typeof seriesEnds)[number]>("Never");
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label="The series ends"
        name="seriesEnd"
        value={kind}
        onChange={(event) => {
          const chosen = seriesEnds.find((each) => each === event.currentTarget.value);
          if (chosen) setKind(chosen);
        }}
      >
        {seriesEnds.map((each) => (
          <option key={each} value={each}>
            {seriesEndWords[each]}
          </option>
        ))}
      </SelectField>
      {kind === "AfterTimes" ? (
        <TextField
          label="Times"
          name="seriesTimes"
          type="number"
          inputMode="numeric"
          min={2}
          max={maximumSeriesTimes}
          defaultValue={4}
          hint="Includes the first review."
        />
      ) : null}
      {kind === "OnDate" ? (
        <MomentField name="seriesUntil" label="Last start" hint="No review starts after it." />
      ) : null}
    </div>
  );
}
