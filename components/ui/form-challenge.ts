import { useEffect, useState } from "react";
import { typedFields } from "@/components/ui/typed-fields";
import type { PreparedChallenge } from "@/lib/web/form-outcome";

export type Prepare = (form: FormData) => Promise<PreparedChallenge>;
export type Described = Extract<PreparedChallenge, { ok: true }>;

/** Asks for the challenge that a code will meet: once for as long as the form says the same. */
export function newChallenges() {
  let last: { readonly typed: string; readonly challenge: Described } | null = null;
  return {
    /** The challenge for what the form says now; null if it asks for none, or cannot be read yet. */
    async of(form: FormData, prepare: Prepare): Promise<Described | null> {
      const typed = JSON.stringify(typedFields(form));
      if (last?.typed === typed) return last.challenge;
      const answer = await prepare(form);
      if (!answer.ok) return null;
      last = { typed, challenge: answer };
      return answer;
    },
    /** A challenge is met once, so that the next submission asks for another. */
    forget() {
      last = null;
    },
  };
}

/** The challenge of a form, and what its code would confirm, to be shown above the code. */
export function useChallenge(prepare: Prepare) {
  const [challenges] = useState(newChallenges);
  const [described, setDescribed] = useState<Described | null>(null);

  // What the code confirms grows above it: on a small screen the field being typed in stays in sight.
  useEffect(() => {
    const { activeElement } = document;
    if (described && activeElement?.matches("[name=code]"))
      activeElement.scrollIntoView({ block: "nearest" });
  }, [described]);

  return {
    described,
    /** Shows what a code would confirm; answers the challenge's id. */
    async describe(form: FormData): Promise<string | null> {
      const challenge = await challenges.of(form, prepare);
      setDescribed(challenge);
      return challenge?.challengeId ?? null;
    },
    clear: () => setDescribed(null),
    forget: challenges.forget,
  };
}
