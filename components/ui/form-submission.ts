import type { FormOutcome } from "@/lib/web/form-outcome";

interface Sending {
  /** The id of the challenge that the code in the form meets; null without one. */
  readonly challengeId: (form: FormData) => Promise<string | null>;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
}

/** Submits a form, one submission at a time. A code that was right counts again until the operation is done. */
export function newSubmissions() {
  let proofId: string | null = null;
  let underWay = false;
  return {
    underWay: () => underWay,
    /** What became of it; null, and nothing sent, while another is under way. */
    async send(form: FormData, { challengeId, submit }: Sending): Promise<FormOutcome | null> {
      if (underWay) return null;
      underWay = true;
      try {
        if (proofId) form.set("proofId", proofId);
        else {
          const id = await challengeId(form);
          if (id) form.set("challengeId", id);
        }
        const outcome = await submit(form);
        proofId = outcome.ok ? null : outcome.proofId;
        return outcome;
      } finally {
        underWay = false;
      }
    },
  };
}
