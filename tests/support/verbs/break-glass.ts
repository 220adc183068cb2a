import {
  nameBreakGlassAccount,
  nameBreakGlassAccountOperation,
} from "@/lib/operations/people/name-break-glass-account";
import {
  removeBreakGlassAccount,
  removeBreakGlassAccountOperation,
} from "@/lib/operations/people/remove-break-glass-account";
import { reviewBreakGlassSignIn } from "@/lib/operations/people/review-break-glass-sign-in";
import { listedAccount, readyAccount } from "../break-glass-accounts";
import { makeCaller } from "../factories";
import { because, given, verb } from "./verb";

/** Verbs on break-glass accounts. */
export const verbsOfBreakGlass = {
  "naming a break-glass account": verb("name-break-glass-account", async ({ at, root }) =>
    given({
      caller: root,
      input: { principalId: (await readyAccount(at)).id, ...because },
      operation: nameBreakGlassAccountOperation,
      run: (caller, input, proofId) => nameBreakGlassAccount(at.database, caller, { ...input, proofId }),
    }),
  ),
  "taking an account off the break-glass list": verb("remove-break-glass-account", async ({ at, root }) =>
    given({
      caller: root,
      input: { principalId: (await listedAccount(at, root.userId)).id, ...because },
      operation: removeBreakGlassAccountOperation,
      run: (caller, input, proofId) => removeBreakGlassAccount(at.database, caller, { ...input, proofId }),
    }),
  ),
  "reviewing a sign-in by a break-glass account": verb("review-break-glass-sign-in", async ({ at, root }) => {
    const account = await readyAccount(at);
    const { sessionId } = await makeCaller(at.database, account);
    await at.database.client.breakGlassSignIn.create({ data: { sessionId, userId: account.id } });
    return given({
      caller: root,
      input: { sessionId, ...because },
      run: (caller, input) => reviewBreakGlassSignIn(at.database, caller, input),
    });
  }),
};
