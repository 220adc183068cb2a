import { updateSignInRules, updateSignInRulesOperation } from "@/lib/operations/people/update-sign-in-rules";
import { otherRules, rulesNow } from "../sign-in-rules";
import { type Gates, told } from "./gate";

/** What decides how people sign in and prove themselves. */
export const gatesOfSignIn: Gates = {
  "changing the rules for signing in": {
    file: "update-sign-in-rules.ts",
    kind: "UpdateSignInRules",
    async arrange({ database, owner }) {
      const { version, ...rules } = await rulesNow(database);
      const input = { expectedVersion: version, rules: otherRules(rules) };
      return {
        caller: owner,
        operation: updateSignInRulesOperation(input),
        run: async (proofId) => told(await updateSignInRules(database, owner, { ...input, proofId })),
      };
    },
  },
};
