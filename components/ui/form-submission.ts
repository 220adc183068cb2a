import type { FormOutcome } from "@/lib/web/form-outcome";

interface Sending {
  /** The id of the challenge for the code in the form. Null without one. */
  readonly challengeId: (form: FormData) => Promise<string | null>;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
}

/** Submits a form, one submission at a time. The proof of a right code is kept until the operation is done. */
export function newSubmissions() {
  let proofId: string | null = null;
  let underWay = false;
  return {
    underWay: () => underWay,
    /** The outcome. Null, with nothing sent, while another submission is under way. */
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
