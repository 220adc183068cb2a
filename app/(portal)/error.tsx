"use client";

import { InPlaceOfResource } from "@/components/shell/frame";
import { FaultPage } from "@/components/ui/fault-page";

export default function PortalError(fault: React.ComponentProps<typeof FaultPage>) {
  return (
    <InPlaceOfResource>
      <FaultPage {...fault} />
    </InPlaceOfResource>
  );
}
