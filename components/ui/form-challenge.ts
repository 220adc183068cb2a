import { useEffect, useState } from "react";
import { typedFields } from "@/components/ui/typed-fields";
import type { PreparedChallenge } from "@/lib/web/form-outcome";

export type Prepare = (form: FormData) => Promise<PreparedChallenge>;
export type Described = Extract<PreparedChallenge, { ok: true }>;

/** Asks for the challenge of a form, once for the same fields. */
export function newChallenges() {
  let last: { readonly typed: string; readonly challenge: Described } | null = null;
  return {
    /** The challenge for the present fields. Null if they need none or cannot be read yet. */
    async of(form: FormData, prepare: Prepare): Promise<Described | null> {
      const typed = JSON.stringify(typedFields(form));
      if (last?.typed === typed) return last.challenge;
      const answer = await prepare(form);
      if (!answer.ok) return null;
      last = { typed, challenge: answer };
      return answer;
    },
    /** A challenge is good for one code. The next submission asks for another. */
    forget() {
      last = null;
    },
  };
}

/** The challenge of a form, and what its code confirms, shown above the code. */
export function useChallenge(prepare: Prepare) {
  const [challenges] = useState(newChallenges);
  const [described, setDescribed] = useState<Described | null>(null);

  // The text above the code grows. On a small screen the focused field is kept in sight.
  useEffect(() => {
    const { activeElement } = document;
    if (described && activeElement?.matches("[name=code]"))
      activeElement.scrollIntoView({ block: "nearest" });
  }, [described]);

  return {
    described,
    /** Shows what a code would confirm. Answers the challenge's id. */
    async describe(form: FormData): Promise<string | null> {
      const challenge = await challenges.of(form, prepare);
      setDescribed(challenge);
      return challenge?.challengeId ?? null;
    },
    clear: () => setDescribed(null),
    forget: challenges.forget,
  };
}
