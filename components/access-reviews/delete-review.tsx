"use client";

import { useRouter } from "next/navigation";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** **Delete**: asks first, then returns to the list. */
export function DeleteReview(props: {
  readonly review: { readonly id: string; readonly name: string };
  readonly back: string;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const router = useRouter();
  return (
    <ActionDialog
      label="Delete"
      title={`Delete ${isolated(props.review.name)}?`}
      description="It has not begun, so nobody was asked. The log still shows that it was planned."
      submit={async (form) => {
        const outcome = await props.submit(form);
        if (outcome.ok) router.push(props.back);
        return outcome;
      }}
      danger
    >
      <input type="hidden" name="reviewId" value={props.review.id} />
    </ActionDialog>
  );
}
