"use client";

import { useState } from "react";
import { toast } from "@/components/ui/toast";
import type { FormOutcome } from "@/lib/web/form-outcome";
import { unanswered } from "@/lib/web/form-sentences";

/** Sends a mail to oneself, and shows the mail server's answer. */
export function TestMail(props: { label: string; submit: (form: FormData) => Promise<FormOutcome> }) {
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  async function send() {
    setPending(true);
    setRefusal(null);
    try {
      const outcome = await props.submit(new FormData());
      if (outcome.ok) toast.success(outcome.message);
      else setRefusal(outcome.message);
    } catch {
      toast.error(unanswered);
    } finally {
      setPending(false);
    }
  }
  return (
    <>
      {refusal ? (
        <p role="alert" className="max-w-96 text-danger wrap-anywhere">
          {refusal}
        </p>
      ) : null}
      <button
        type="button"
        className="button"
        aria-busy={pending}
        aria-disabled={pending}
        onClick={() => {
          if (!pending) void send();
        }}
      >
        {pending ? "Sending…" : props.label}
      </button>
    </>
  );
}
