import { may, rootResource } from "@/lib/authority/authority";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import type { SignInRules } from "@/lib/domain/people/sign-in-rules";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";

/** The rules for signing in, for the page that edits them. Null if the caller may not. */
export function signInRulesFor(
  database: Database,
  caller: Caller,
): Promise<(SignInRules & { readonly version: number }) | null> {
  return readOnce(database, async (transaction) => {
    const root = await rootResource(transaction);
    if (!(await may(transaction, caller.userId, action.writeRoleSettings, root.id))) return null;
    return readSignInRules(transaction);
  });
}
