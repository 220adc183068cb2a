import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { factorState } from "@/lib/identity/factors/factor-state";
import { firstFactorState } from "@/lib/identity/factors/first-factor";
import { firstFactorProof } from "@/lib/identity/passwords/reauthenticate";
import { application } from "@/lib/platform/application";
import { confirmingFor } from "@/lib/platform/confirming-providers";
import { requireCaller } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";

/**
 * The data of a page that sets up a factor: the state of its reader's factors, and the page to return to.
 * `page` is its own address.
 */
export async function factorSetup(page: string, searchParams: Promise<{ return?: string | string[] }>) {
  const caller = await requireCaller();
  const query = await searchParams;
  const { configuration, database } = application();
  const [factor, first, { authenticatorAppsConfirm }, { hasPassword, byProvider }] = await Promise.all([
    factorState(database, caller),
    firstFactorState(database.client, caller),
    readSignInRules(database.client),
    firstFactorProof(database, caller),
  ]);
  const next = typeof query.return === "string" ? safeReturnPath(query.return) : "/account/security";
  const back = `${page}?${new URLSearchParams({ return: next })}`;
  const confirming = first.byProvider ? confirmingFor(configuration.identityProviders, factor.issuers) : [];
  const instead = confirming.map(({ id, name }) => ({
    name,
    href: `/api/auth/signin/${id}?${new URLSearchParams({ anew: "1", return: back })}`,
  }));
  return {
    factor,
    first,
    appsAccepted: authenticatorAppsConfirm,
    form: {
      hasFactor: factor.enrolled,
      pass: first.needsPass && !factor.enrolled ? { bySetUp: first.bySetUp, instead } : null,
      proof: hasPassword ? ("Password" as const) : byProvider ? ("Provider" as const) : ("None" as const),
      email: caller.email,
      next,
    },
  };
}
