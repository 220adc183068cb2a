"use client";

import { useActionState } from "react";
import { SaveLine } from "@/components/ui/forms/save-line";
import { noticeCategories, noticeCategoryNames } from "@/lib/domain/notifications/notice";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** A check box for each kind of mail. Mail that is always sent says so. */
export function MailChoiceForm(props: {
  muted: readonly string[];
  save: (before: FormOutcome | null, form: FormData) => Promise<FormOutcome>;
}) {
  const [outcome, act, pending] = useActionState(props.save, null);
  return (
    <form action={act} className="card grid max-w-2xl gap-4">
      {noticeCategoryNames.map((name) => {
        const { label, description, canBeMuted } = noticeCategories[name];
        return (
          <div key={name}>
            <label className="flex items-center gap-3 font-semibold">
              <input
                name={name}
                type="checkbox"
                className="size-4"
                defaultChecked={!canBeMuted || !props.muted.includes(name)}
                key={`${name}-${props.muted.includes(name)}`}
                disabled={!canBeMuted}
                aria-describedby={`${name}-about`}
              />
              {label}
            </label>
            <p id={`${name}-about`} className="pl-7 text-muted max-sm:-mt-1">
              {description}
            </p>
          </div>
        );
      })}
      <SaveLine outcome={outcome} pending={pending} />
    </form>
  );
}
