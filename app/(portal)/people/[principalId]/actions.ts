"use server";

import { z } from "zod";
import { minutesInWords } from "@/lib/domain/time/schedule";
import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import {
  confirmFactorReset,
  confirmFactorResetOperation,
} from "@/lib/operations/people/confirm-factor-reset";
import { endPersonSessions } from "@/lib/operations/people/end-person-sessions";
import { issueFactorPass, issueFactorPassOperation } from "@/lib/operations/people/issue-factor-pass";
import { revokeFactorPass } from "@/lib/operations/people/revoke-factor-pass";
import { setManager, setManagerOperation } from "@/lib/operations/people/set-manager";
import { withdrawFactorReset } from "@/lib/operations/people/withdraw-factor-reset";
import { searchMembers } from "@/lib/queries/people/person";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { knownId, optionalText, searchText } from "@/lib/web/form-fields";

const target = z.object({ principalId: knownId("principal"), justification: optionalText });
const passShape = target.extend({ hours: z.coerce.number("Choose how long it is valid.").int() });

export const preparePass = challengeAction({ shape: passShape, operation: issueFactorPassOperation });

/** Makes a one-time pass with which somebody enrols a first factor. It is shown once. */
export const submitPass = provedAction({
  shape: passShape,
  async run({ caller, database, proofId }, fields) {
    const { pass, passHash } = makeFactorPass();
    const result = await issueFactorPass(database, caller, { ...fields, passHash, proofId });
    return result.ok ? { ...result, pass } : result;
  },
  done({ pass }, { hours }) {
    const hint = `Valid once, for ${minutesInWords(hours * 60)}, together with their password. Copy it now and hand it over safely, but not together with the password: it is not shown again.`;
    const secret = { label: "One-time pass", value: pass, hint };
    return { ok: true, message: "The one-time pass is made.", secret };
  },
});

/** Revokes somebody's open one-time pass. */
export const revokePass = formAction({
  shape: target,
  run: ({ caller, database }, fields) => revokeFactorPass(database, caller, fields),
  done: () => "The one-time pass is revoked.",
});

/** Ends one session of somebody else. Without an id: all of them. */
export const endPersonSessionsAction = formAction({
  shape: target.extend({ sessionId: knownId("session").nullable().default(null) }),
  run: ({ caller, database }, fields) => endPersonSessions(database, caller, fields),
  done: ({ ended }) => (ended === 1 ? "The session is ended." : `Sessions ended: ${ended}.`),
});

const shownReset = target.extend({ resetId: knownId("reset") });

export const prepareResetConfirmation = challengeAction({
  shape: shownReset,
  operation: confirmFactorResetOperation,
});

/** Confirms the reset of somebody's factors as the second administrator. */
export const confirmReset = provedAction({
  shape: shownReset,
  run: ({ caller, database, proofId }, fields) =>
    confirmFactorReset(database, caller, { ...fields, proofId }),
  done: ({ dueAt }) => (dueAt ? "The reset is confirmed." : "The second factors are reset."),
});

/** Withdraws the reset of somebody's factors. */
export const withdrawReset = formAction({
  shape: shownReset,
  run: ({ caller, database }, fields) => withdrawFactorReset(database, caller, fields),
  done: () => "The reset is withdrawn.",
});

const managerShape = z.object({
  userId: knownId("user"),
  managerId: z.union([z.uuid(), z.literal("").transform(() => null)], "Choose one manager, or none."),
});

export const prepareManager = challengeAction({ shape: managerShape, operation: setManagerOperation });

/** Sets a user's manager. Empty: none. */
export const saveManager = provedAction({
  shape: managerShape,
  run: ({ caller, database, proofId }, fields) => setManager(database, caller, { ...fields, proofId }),
  done: () => "The manager is saved.",
});

/** Users who could be a manager, by name or email. Empty for a caller who may not manage people. */
export const findManagers = lookup({
  shapes: z.tuple([z.uuid(), searchText.pipe(z.string().min(1))]),
  none: [],
  async find({ caller, database }, userId, text) {
    const found = await searchMembers(database, caller, userId, text);
    return found.filter((each) => each.type === "User").map((each) => ({ ...each, disabled: false }));
  },
});
