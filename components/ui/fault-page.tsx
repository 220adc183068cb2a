"use client";

import { useRouter } from "next/navigation";
import { startTransition } from "react";
import { Icon } from "@/components/ui/icon";
import { MessagePage } from "@/components/ui/message-page";

/** Shown when a page fails. Retrying asks the server again. */
export function FaultPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const router = useRouter();
  return (
    <MessagePage
      icon={<Icon name="triangle-alert" size={22} />}
      title="Something went wrong"
      text="The server failed, or it cannot reach its database. Nothing was left half done."
    >
      <button
        type="button"
        className="button button-primary"
        onClick={() =>
          startTransition(() => {
            router.refresh();
            reset();
          })
        }
      >
        Try again
      </button>
      {error.digest ? (
        <p className="w-full text-muted">
          If this keeps happening, give an administrator this number: <code>{error.digest}</code>
        </p>
      ) : null}
    </MessagePage>
  );
}
