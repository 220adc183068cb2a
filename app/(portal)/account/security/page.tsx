import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { AccountHeader } from "@/components/people/account-header";
import { RecoveryCodesForm, RemoveForm } from "@/components/people/factor-forms";
import { FactorLocked } from "@/components/people/factor-locked";
import { FactorWaits } from "@/components/people/factor-waits";
import { OwnReset } from "@/components/people/own-reset";
import { PasskeyList } from "@/components/people/passkey-list";
import { PasswordForm } from "@/components/people/password-form";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { Section } from "@/components/ui/section";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { keptInWords, mostPasskeys } from "@/lib/domain/people/passkey";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { noAppsAccepted } from "@/lib/domain/people/sign-in-rules";
import { readFactors } from "@/lib/identity/factors/authenticator";
import { factorState } from "@/lib/identity/factors/factor-state";
import { firstFactorState } from "@/lib/identity/factors/first-factor";
import { listPasskeys } from "@/lib/identity/factors/passkeys";
import { firstFactorProof } from "@/lib/identity/passwords/reauthenticate";
import { application } from "@/lib/platform/application";
import { confirmingFor } from "@/lib/platform/confirming-providers";
import { ownReset } from "@/lib/queries/people/factor-reset";
import { requireCaller } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import {
  newRecoveryCodes,
  prepareRemoval as prepareAppRemoval,
  prepareRecoveryCodes,
  removeApp,
  stopReset,
  submitPassword,
} from "./actions";
import { prepareRemoval, remove, rename } from "./passkey/actions";
import { OwnLinks, type ProviderOutcome } from "./providers/own-links";

export const metadata: Metadata = { title: "Factors" };

export default async function SecurityPage({
  searchParams,
}: {
  searchParams: Promise<{ return?: string; replace?: string } & ProviderOutcome>;
}) {
  const caller = await requireCaller();
  const { configuration, database } = application();
  const possible = relyingPartyOf(configuration.publicUrl) !== null;
  const query = await searchParams;
  if (query.return !== undefined || query.replace === "1") {
    const next = query.return ? `?return=${encodeURIComponent(safeReturnPath(query.return))}` : "";
    redirect(`/account/security/enrol${next}`);
  }
  const [
    { minimumPasswordLength, authenticatorAppsConfirm: appsAccepted },
    { factor, recoveryCodesLeft },
    state,
    first,
    passkeys,
    reset,
    { hasPassword },
  ] = await Promise.all([
    readSignInRules(database.client),
    readFactors(database, caller),
    factorState(database, caller),
    firstFactorState(database.client, caller),
    listPasskeys(database, caller),
    ownReset(database, caller),
    firstFactorProof(database, caller),
  ]);
  const [provider] = confirmingFor(configuration.identityProviders, state.issuers);
  return (
    <>
      <AccountHeader at="/account/security" description="Your second factors, recovery codes and password." />
      <OwnReset reset={reset} stop={stopReset} />
      <FactorLocked until={state.lockedUntil} />
      <FactorWaits until={first.countsFrom} />
      <div className="grid max-w-6xl grid-cols-[minmax(0,1fr)] items-start gap-x-6 gap-y-8 xl:grid-cols-2">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
          <Section id="factor-heading" title="Authenticator app">
            <div className="card grid gap-4">
              {appsAccepted ? null : (
                <p className={factor ? "banner" : "text-muted"}>
                  {factor ? "This app no longer counts. " : ""}
                  {noAppsAccepted}
                </p>
              )}
              {factor ? (
                <div className="flex flex-wrap items-center gap-3">
                  <p className="grow basis-60">
                    In use since <Moment value={factor.confirmedAt} />.
                    {factor.lastUsedAt ? (
                      <span className="block text-muted">
                        Last used <Moment value={factor.lastUsedAt} />
                      </span>
                    ) : null}
                  </p>
                  <div className="flex flex-wrap gap-2">
                    {appsAccepted ? (
                      <a className="button" href="/account/security/enrol">
                        Replace
                      </a>
                    ) : null}
                    <RemoveForm submit={removeApp} prepare={prepareAppRemoval} />
                  </div>
                </div>
              ) : null}
              {!factor && appsAccepted ? (
                <div className="flex flex-wrap items-center gap-3">
                  <p className="grow basis-60">
                    Not set up.{" "}
                    <span className="text-muted">
                      {provider ? (
                        <>
                          <Name of={provider.name} /> confirms operations that require a second factor.
                        </>
                      ) : (
                        "Roles that require a second factor ask for a code of this app."
                      )}
                    </span>
                  </p>
                  <a className={provider ? "button" : "button button-primary"} href="/account/security/enrol">
                    Set up authenticator app
                  </a>
                </div>
              ) : null}
              {factor && appsAccepted ? (
                <div className="grid gap-3 border-t border-line pt-4">
                  <h3>Recovery codes</h3>
                  <RecoveryCodesForm
                    left={recoveryCodesLeft}
                    submit={newRecoveryCodes}
                    prepare={prepareRecoveryCodes}
                  />
                </div>
              ) : null}
            </div>
          </Section>
          <OwnLinks caller={caller} hasFactor={state.enrolled} outcome={query} />
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
          <Section id="passkeys-heading" title="Passkeys">
            <div className="card grid gap-4">
              {passkeys.length > 0 ? (
                <PasskeyList
                  rows={passkeys.map(({ id, name, createdAt, lastUsedAt, ...kept }) => ({
                    ...{ id, name, createdAt, lastUsedAt, kept: keptInWords(kept) },
                  }))}
                  rename={rename}
                  remove={remove}
                  prepareRemoval={prepareRemoval}
                />
              ) : null}
              <div className="flex flex-wrap items-center gap-3">
                <p className="grow basis-60 text-muted">
                  {possible
                    ? "A passkey confirms what you do in place of a code, and cannot be phished. Some roles accept nothing less."
                    : "Passkeys work only if Postern is served over HTTPS under a host name."}
                </p>
                {possible && passkeys.length < mostPasskeys ? (
                  <a className="button" href="/account/security/passkey">
                    Add a passkey
                  </a>
                ) : null}
              </div>
            </div>
          </Section>
          <Section id="password-heading" title="Password">
            <div className="card">
              {hasPassword ? (
                <>
                  <p className="mb-4 text-muted">
                    Changing your password ends your other <a href="/account/sessions">sessions</a>.
                  </p>
                  <PasswordForm
                    submit={submitPassword}
                    email={caller.email}
                    shortest={minimumPasswordLength}
                  />
                </>
              ) : (
                <p className="text-muted">
                  No password signs you in here. You sign in with a passkey or through an identity provider.
                </p>
              )}
            </div>
          </Section>
        </div>
      </div>
    </>
  );
}
