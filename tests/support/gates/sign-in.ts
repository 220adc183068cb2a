import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import { issueFactorPass, issueFactorPassOperation } from "@/lib/operations/people/issue-factor-pass";
import { updateSignInRules, updateSignInRulesOperation } from "@/lib/operations/people/update-sign-in-rules";
import { otherRules, rulesNow } from "../sign-in-rules";
import { type Gates, reason, told } from "./gate";

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
  "making a one-time pass": {
    file: "issue-factor-pass.ts",
    kind: "IssueFactorPass",
    async arrange({ database, owner, ...world }) {
      const { userId } = await world.person("Nora New");
      const input = { principalId: userId, hours: 24, ...reason };
      return {
        caller: owner,
        operation: issueFactorPassOperation(input),
        run: async (proofId) =>
          told(
            await issueFactorPass(database, owner, {
              ...input,
              passHash: makeFactorPass().passHash,
              proofId,
            }),
          ),
      };
    },
  },
};
