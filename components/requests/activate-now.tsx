"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ApprovedRequest, ProvisionActions } from "@/components/requests/activate-approved";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";
import { isolated } from "@/lib/domain/text/visible-text";

const ActivateApproved = later(() =>
  import("@/components/requests/activate-approved").then((module) => module.ActivateApproved),
);

/** **Activate now** or **Extend now**: carries out an approved request with a new code. */
export function ActivateNow(
  props: ProvisionActions & {
    readonly request: ApprovedRequest;
    readonly hasFactor: boolean;
    /** It is the main action of its page, so there is only one. */
    readonly primary?: boolean;
    /** Open on load, because the address asks for it. `href` is the address without that. */
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
  const extension = request.newEnd !== null;
  const label = extension ? "Extend now" : "Activate now";
  const what = `${isolated(request.roleName)} on ${isolated(request.resourceName)}`;
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={`${extension ? "Extend" : "Activate"} ${isolated(request.roleName)}`}
      description={`Your request is approved. A new code ${extension ? "moves its end" : "starts it"}.`}
      comeNear={ActivateApproved.comeNear}
      trigger={
        <button
          type="button"
          className={props.primary ? "button button-primary" : "button"}
          aria-label={`${label}: ${what}`}
        >
          {label}
        </button>
      }
    >
      <ActivateApproved {...props} onClose={() => change(false)} />
    </Dialog>
  );
}
