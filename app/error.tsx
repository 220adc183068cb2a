"use client";

import { FaultPage } from "@/components/ui/fault-page";

export default function ErrorPage(props: { error: Error; reset: () => void }) {
  return (
    <main>
      <FaultPage {...props} />
    </main>
  );
}
