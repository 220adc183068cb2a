"use client";

import { useState } from "react";
import type { BreakGlassActions, RequestInEmergency } from "@/components/requests/break-glass-form";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";
import { isolated } from "@/lib/domain/text/visible-text";

const BreakGlassForm = later(() =>
  import("@/components/requests/break-glass-form").then((module) => module.BreakGlassForm),
);

/** **Emergency…**: a member approves their own waiting request, where the role settings allow it. */
export function BreakGlass(
  props: BreakGlassActions & {
    readonly request: RequestInEmergency;
    readonly hasFactor: boolean;
    /** Open on load, since the member has set up an authenticator app meanwhile. */
    readonly open: boolean;
  },
) {
  const { request } = props;
  const [open, setOpen] = useState(props.open);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Approve your own request in an emergency"
      description={`${isolated(request.roleName)} on ${isolated(request.resourceName)}`}
      comeNear={BreakGlassForm.comeNear}
      trigger={
        <button type="button" className="button button-danger">
          Emergency…
        </button>
      }
    >
      <BreakGlassForm {...props} onClose={() => setOpen(false)} />
    </Dialog>
  );
}
