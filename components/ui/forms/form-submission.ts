import type { FormOutcome, Refused } from "@/lib/web/form-outcome";

interface Sending {
  /** The challenge for the code in the form: its id, null without one, or a refusal whatever the code. */
  readonly challenge: (form: FormData) => Promise<{ id: string | null } | { refused: Refused }>;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
}

/**
 * Submits a form, one submission at a time. The proof of a right code is kept until the operation is done. Once it is
 * done and leads to another page nothing more is sent: the second click of a double click would be refused, and keep
 * the browser here.
 */
export function newSubmissions() {
  let proofId: string | null = null;
  let underWay = false;
  let leaves = false;
  return {
    underWay: () => underWay || leaves,
    /**
     * The outcome. Null, with nothing sent, while another submission is under way, or led away. Nothing is sent and no
     * code is spent either if it would be refused whatever the code.
     */
    async send(form: FormData, { challenge, submit }: Sending): Promise<FormOutcome | null> {
      if (underWay || leaves) return null;
      underWay = true;
      try {
        if (proofId) form.set("proofId", proofId);
        else {
          const prepared = await challenge(form);
          if ("refused" in prepared) return prepared.refused;
          if (prepared.id) form.set("challengeId", prepared.id);
        }
        const outcome = await submit(form);
        proofId = outcome.ok ? null : outcome.proofId;
        leaves = outcome.ok && outcome.next !== undefined;
        return outcome;
      } finally {
        underWay = false;
      }
    },
  };
}
