import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import {
  confirmFactorReset,
  confirmFactorResetOperation,
} from "@/lib/operations/people/confirm-factor-reset";
import { issueFactorPass, issueFactorPassOperation } from "@/lib/operations/people/issue-factor-pass";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { revokeFactorPass } from "@/lib/operations/people/revoke-factor-pass";
import { stopFactorReset } from "@/lib/operations/people/stop-factor-reset";
import { updateSignInRules, updateSignInRulesOperation } from "@/lib/operations/people/update-sign-in-rules";
import { withdrawFactorReset } from "@/lib/operations/people/withdraw-factor-reset";
import { makeUser } from "../factories";
import { enrol } from "../privileges";
import { openPass, openReset, otherRules, passkeysAlone, rulesNow } from "../sign-in-rules";
import { because, given, verb } from "./verb";

/** Verbs that decide how people prove themselves. */
export const verbsOfFactors = {
  "resetting an authenticator app": verb("reset-authenticator", async ({ at, root, now }) => {
    const { id } = await makeUser(at.database);
    await enrol(at, id, now);
    return given({
      caller: root,
      input: { principalId: id, ...because },
      operation: ({ principalId }) => ({ kind: "ResetAuthenticator", principalId }),
      run: (caller, input, proofId) => resetAuthenticator(at.database, caller, { ...input, proofId }),
    });
  }),
  "changing the rules for signing in": verb("update-sign-in-rules", async ({ at, root }) => {
    const { version, ...rules } = await rulesNow(at.database);
    return given({
      caller: root,
      input: { expectedVersion: version, rules: otherRules(rules) },
      operation: updateSignInRulesOperation,
      run: (caller, input, proofId) =>
        updateSignInRules(at.database, caller, { ...input, proofId, others: passkeysAlone }),
    });
  }),
  "confirming a reset of factors": verb("confirm-factor-reset", async ({ at, root }) => {
    const [{ id: principalId }, asker] = [await makeUser(at.database), await makeUser(at.database)];
    const resetId = await openReset(at.database, principalId, asker.id);
    return given({
      caller: root,
      input: { principalId, resetId, ...because },
      operation: confirmFactorResetOperation,
      run: (caller, input, proofId) => confirmFactorReset(at.database, caller, { ...input, proofId }),
    });
  }),
  "withdrawing a reset of factors": verb("withdraw-factor-reset", async ({ at, root }) => {
    const [{ id: principalId }, asker] = [await makeUser(at.database), await makeUser(at.database)];
    const resetId = await openReset(at.database, principalId, asker.id);
    return given({
      caller: root,
      input: { principalId, resetId, ...because },
      run: (caller, input) => withdrawFactorReset(at.database, caller, input),
    });
  }),
  "stopping the reset of one's own factors": verb("stop-factor-reset", async ({ at, root }) => {
    const caller = await at.person("Stan Stopper");
    return given({
      caller,
      input: { resetId: await openReset(at.database, caller.userId, root.userId) },
      run: (caller, input) => stopFactorReset(at.database, caller, input),
    });
  }),
  "making a one-time pass": verb("issue-factor-pass", async ({ at, root }) =>
    given({
      caller: root,
      input: {
        principalId: (await makeUser(at.database)).id,
        hours: 24,
        passHash: makeFactorPass().passHash,
        ...because,
      },
      operation: issueFactorPassOperation,
      run: (caller, input, proofId) => issueFactorPass(at.database, caller, { ...input, proofId }),
    }),
  ),
  "revoking a one-time pass": verb("revoke-factor-pass", async ({ at, root }) => {
    const user = await makeUser(at.database);
    await openPass(at.database, user.id, root.userId);
    return given({
      caller: root,
      input: { principalId: user.id, ...because },
      run: (caller, input) => revokeFactorPass(at.database, caller, input),
    });
  }),
};
