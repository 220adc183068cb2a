"use server";

import { z } from "zod";
import {
  nameBreakGlassAccount,
  nameBreakGlassAccountOperation,
} from "@/lib/operations/people/name-break-glass-account";
import {
  removeBreakGlassAccount,
  removeBreakGlassAccountOperation,
} from "@/lib/operations/people/remove-break-glass-account";
import { reviewBreakGlassSignIn } from "@/lib/operations/people/review-break-glass-sign-in";
import { searchBreakGlass } from "@/lib/queries/people/break-glass-accounts";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { knownId, optionalText, searchText } from "@/lib/web/form-fields";

const account = z.object({ principalId: knownId("user"), justification: optionalText });
const chosen = z.object({ principalId: z.uuid("Choose one person."), justification: optionalText });

export const prepareNaming = challengeAction({ shape: chosen, operation: nameBreakGlassAccountOperation });
export const prepareRemoval = challengeAction({
  shape: account,
  operation: removeBreakGlassAccountOperation,
});

/** Adds an account to the list of break-glass accounts. Always requires a code. */
export const nameAccount = provedAction({
  shape: chosen,
  run: ({ caller, database, proofId }, fields) =>
    nameBreakGlassAccount(database, caller, { ...fields, proofId }),
  done: () => "The account is on the list.",
});

/** Removes an account from the list. Always requires a code. */
export const removeAccount = provedAction({
  shape: account,
  run: ({ caller, database, proofId }, fields) =>
    removeBreakGlassAccount(database, caller, { ...fields, proofId }),
  done: () => "The account is off the list.",
});

/** Closes the review of a sign-in by a break-glass account. */
export const closeSignInReview = formAction({
  shape: z.object({ sessionId: knownId("sign-in"), justification: optionalText }),
  run: ({ caller, database }, fields) => reviewBreakGlassSignIn(database, caller, fields),
  done: () => "The review is closed.",
});

/** People who could be on the list, by name or address. Empty for a caller who may not change it. */
export const findAccounts = lookup({
  shapes: z.tuple([searchText.pipe(z.string().min(1))]),
  none: [],
  async find({ caller, database }, text) {
    const found = await searchBreakGlass(database, caller, text);
    return found.map((each) => ({ ...each, disabled: false }));
  },
});
