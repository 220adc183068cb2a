"use client";

import { CheckField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import { periodInWords } from "@/lib/domain/time/period";

export function EndFields({ maximumDays, initial }: { maximumDays: number | null; initial?: string }) {
  return (
    <>
      <MomentField
        key={String(maximumDays)}
        name="endsAt"
        label="End"
        initial={initial}
        hint={maximumDays === null ? undefined : `At most ${periodInWords(maximumDays)} after the start.`}
      />
      {maximumDays === null ? <CheckField name="permanently" label="Permanently" /> : null}
    </>
  );
}
