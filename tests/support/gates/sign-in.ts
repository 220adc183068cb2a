import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import {
  confirmFactorReset,
  confirmFactorResetOperation,
} from "@/lib/operations/people/confirm-factor-reset";
import { issueFactorPass, issueFactorPassOperation } from "@/lib/operations/people/issue-factor-pass";
import {
  nameBreakGlassAccount,
  nameBreakGlassAccountOperation,
} from "@/lib/operations/people/name-break-glass-account";
import {
  removeBreakGlassAccount,
  removeBreakGlassAccountOperation,
} from "@/lib/operations/people/remove-break-glass-account";
import { updateSignInRules, updateSignInRulesOperation } from "@/lib/operations/people/update-sign-in-rules";
import { listedAccount, readyAccount } from "../break-glass-accounts";
import { openReset, otherRules, passkeysAlone, rulesNow } from "../sign-in-rules";
import { type Gates, outcomeOf, reason } from "./gate";

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
        run: async (proofId) =>
          outcomeOf(await updateSignInRules(database, owner, { ...input, proofId, others: passkeysAlone })),
      };
    },
  },
  "confirming a reset of factors": {
    file: "confirm-factor-reset.ts",
    kind: "ConfirmFactorReset",
    async arrange({ database, owner, ...world }) {
      const { userId } = await world.person("Lou Lost");
      const asker = await world.person("Asa Asker");
      const resetId = await openReset(database, userId, asker.userId);
      const input = { principalId: userId, resetId, ...reason };
      return {
        caller: owner,
        operation: confirmFactorResetOperation(input),
        run: async (proofId) => outcomeOf(await confirmFactorReset(database, owner, { ...input, proofId })),
      };
    },
  },
  "naming a break-glass account": {
    file: "name-break-glass-account.ts",
    kind: "NameBreakGlassAccount",
    async arrange(world) {
      const { database, owner } = world;
      const input = { principalId: (await readyAccount(world)).id, ...reason };
      return {
        caller: owner,
        operation: nameBreakGlassAccountOperation(input),
        run: async (proofId) =>
          outcomeOf(await nameBreakGlassAccount(database, owner, { ...input, proofId })),
      };
    },
  },
  "taking an account off the break-glass list": {
    file: "remove-break-glass-account.ts",
    kind: "RemoveBreakGlassAccount",
    async arrange(world) {
      const { database, owner } = world;
      const input = { principalId: (await listedAccount(world, owner.userId)).id, ...reason };
      return {
        caller: owner,
        operation: removeBreakGlassAccountOperation(input),
        run: async (proofId) =>
          outcomeOf(await removeBreakGlassAccount(database, owner, { ...input, proofId })),
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
          outcomeOf(
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
