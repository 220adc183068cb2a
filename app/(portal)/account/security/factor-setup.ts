import { factorState } from "@/lib/identity/factors/factor-state";
import { firstFactorState } from "@/lib/identity/factors/first-factor";
import { firstFactorProof } from "@/lib/identity/passwords/reauthenticate";
import { application } from "@/lib/platform/application";
import { requireCaller } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";

/** What a page that sets up a factor shows: how far its reader is with their factors, and where it leads back to. */
export async function factorSetup(searchParams: Promise<{ return?: string | string[] }>) {
  const caller = await requireCaller();
  const query = await searchParams;
  const { database } = application();
  const [factor, first, { hasPassword, byProvider }] = await Promise.all([
    factorState(database, caller),
    firstFactorState(database.client, caller),
    firstFactorProof(database, caller),
  ]);
  return {
    factor,
    first,
    form: {
      hasFactor: factor.enrolled,
      pass: first.needsPass && !factor.enrolled ? { bySetUp: first.bySetUp } : null,
      proof: hasPassword ? ("Password" as const) : byProvider ? ("Provider" as const) : ("None" as const),
      email: caller.email,
      next: typeof query.return === "string" ? safeReturnPath(query.return) : "/account/security",
    },
  };
}
