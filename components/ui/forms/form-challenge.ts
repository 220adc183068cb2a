import { useEffect, useState } from "react";
import { typedFields } from "@/components/ui/forms/typed-fields";
import type { PreparedChallenge, Refused } from "@/lib/web/form-outcome";

export type Prepare = (form: FormData) => Promise<PreparedChallenge>;
export type Described = Extract<PreparedChallenge, { ok: true }>;

/** The result before a code is typed: a challenge, a refusal whatever the code, or neither. */
export interface Prepared {
  readonly challenge: Described | null;
  readonly refused: Refused | null;
}

/** Requests the challenge of a form, once for the same fields. */
export function newChallenges() {
  let last: { readonly typed: string; readonly challenge: Described } | null = null;
  return {
    /** For the present fields. Without a challenge if they need none or cannot be read yet. */
    async of(form: FormData, prepare: Prepare): Promise<Prepared> {
      const typed = JSON.stringify(typedFields(form));
      if (last?.typed === typed) return { challenge: last.challenge, refused: null };
      const answer = await prepare(form);
      if (!answer.ok) return { challenge: null, refused: answer.refused ?? null };
      last = { typed, challenge: answer };
      return { challenge: answer, refused: null };
    },
    /** A challenge is valid for one code. The next submission requests another. */
    forget() {
      last = null;
    },
  };
}

/** For a form that requires no code. */
const nothingToPrepare: Prepare = async () => ({ ok: false, message: "" });

/** The challenge of a form, and what its code confirms, shown above the code. */
export function useChallenge(prepare: Prepare = nothingToPrepare) {
  const [challenges] = useState(newChallenges);
  const [described, setDescribed] = useState<Described | null>(null);

  // On a small screen the focused field is kept in sight when what it confirms appears.
  useEffect(() => {
    const { activeElement } = document;
    if (described && activeElement?.matches("[name=code]"))
      activeElement.scrollIntoView({ block: "nearest" });
  }, [described]);

  return {
    described,
    /** Shows what a code would confirm. */
    async describe(form: FormData): Promise<Prepared> {
      const prepared = await challenges.of(form, prepare);
      setDescribed(prepared.challenge);
      return prepared;
    },
    clear: () => setDescribed(null),
    forget: challenges.forget,
  };
}
