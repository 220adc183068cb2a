import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { SignInRulesForm } from "@/components/people/sign-in-rules-form";
import { PageHeader } from "@/components/ui/page-parts";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import type { Configuration } from "@/lib/platform/configuration";
import { confirmingIssuers, confirmingProviders } from "@/lib/platform/confirming-providers";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { breakGlassAccountsFor, openBreakGlassUses } from "@/lib/queries/people/break-glass-accounts";
import { linkedPeople } from "@/lib/queries/people/linked-people";
import { peopleWithoutFactor } from "@/lib/queries/people/people";
import { signInRulesFor } from "@/lib/queries/people/sign-in-rules";
import { requireCaller } from "@/lib/web/request";
import { prepareSignInRules, saveSignInRules } from "./actions";
import { BreakGlassSection } from "./break-glass/break-glass-section";
import { ProvidersSection } from "./providers-section";

export const metadata: Metadata = { title: "Sign-in and factors" };

/** What counts if apps do not, according to the configuration. */
function remainingFactors({ publicUrl, identityProviders }: Configuration): string {
  const providers = confirmingProviders(identityProviders).map(({ name }) => isolated(name));
  const passkeys = relyingPartyOf(publicUrl) ? ["passkeys"] : [];
  const all = [...passkeys, ...providers.map((name) => `the second factor of ${name}`)];
  return all.length > 0
    ? `only ${all.join(" and ")} count.`
    : "nothing would count here, since passkeys work only if Postern is served over HTTPS.";
}

export default async function SignInRulesPage() {
  const caller = await requireCaller();
  const { configuration, database } = application();
  const providers = configuration.identityProviders;
  const issuers = confirmingIssuers(providers);
  const [rules, factor, accounts, uses, without, linked] = await Promise.all([
    signInRulesFor(database, caller),
    ownsFactor(database, caller),
    breakGlassAccountsFor(database, caller),
    openBreakGlassUses(database, caller, 50),
    peopleWithoutFactor(database, caller, issuers),
    linkedPeople(
      database,
      caller,
      providers.map(({ issuer }) => issuer),
    ),
  ]);
  if (rules === null || accounts === null || linked === null) notFound();
  return (
    <>
      <PageHeader
        title="Sign-in and factors"
        trail={[{ href: "/organisation", label: "Organisation" }]}
        description="How people sign in and prove themselves, for the whole installation."
      />
      <SignInRulesForm
        key={rules.version}
        rules={rules}
        version={rules.version}
        hasFactor={factor}
        without={without}
        remaining={remainingFactors(configuration)}
        save={saveSignInRules}
        prepare={prepareSignInRules}
      />
      <ProvidersSection providers={providers} linked={linked} publicUrl={configuration.publicUrl} />
      <BreakGlassSection accounts={accounts} uses={uses} hasFactor={factor} />
    </>
  );
}
