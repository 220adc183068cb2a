"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { ActivateApproved } from "@/components/requests/activate-approved";
import { Dialog } from "@/components/ui/dialog";
import type { FormOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/visible-text";

/** What was approved, as the member reads it before they enter their code. Times are ISO 8601. */
export interface ApprovedRequest {
  readonly id: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly durationMinutes: number;
  /** The start that was asked for; null: as soon as may be. */
  readonly startsAt: string | null;
  readonly justification: string | null;
  readonly decisions: readonly { readonly by: PrincipalIdentity; readonly justification: string }[];
  /** Until when the code can be entered, and the server's time to count from. */
  readonly expiresAt: string;
  readonly now: string;
}

export interface ProvisionActions {
  readonly provision: (form: FormData) => Promise<FormOutcome>;
  readonly prepareProvisioning: (form: FormData) => Promise<PreparedChallenge>;
}

/** **Activate now**: takes up what was approved, with a new code. */
export function ActivateNow(
  props: ProvisionActions & {
    readonly request: ApprovedRequest;
    readonly hasFactor: boolean;
    /** Open as the page appears, because its address says so; and the address without that. */
    readonly open?: boolean;
    readonly base?: string;
  },
) {
  const { request, base } = props;
  const openAtFirst = props.open ?? false;
  const [open, setOpen] = useState(openAtFirst);
  const router = useRouter();
  const change = (next: boolean) => {
    setOpen(next);
    if (!next && openAtFirst && base) router.replace(base, { scroll: false });
  };
  const what = `${isolated(request.roleName)} on ${isolated(request.resourceName)}`;
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={`Activate ${isolated(request.roleName)}`}
      description="Your request is approved. A new code starts it."
      trigger={
        <button type="button" className="button button-primary" aria-label={`Activate now: ${what}`}>
          Activate now
        </button>
      }
    >
      <ActivateApproved {...props} onClose={() => change(false)} />
    </Dialog>
  );
}
