import type { Metadata } from "next";
import { ProviderLinks } from "@/components/people/provider-links";
import { DoorPage } from "@/components/shell/door-page";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { isolated } from "@/lib/domain/text/visible-text";
import { readLinkPass } from "@/lib/identity/providers/link-pass";
import { application } from "@/lib/platform/application";
import { providerFault, providerSentence } from "@/lib/web/provider-sentences";
import { requestOrigin } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import { scriptNonce } from "../script-nonce";
import { PasskeySignIn } from "./passkey-sign-in";
import { SignInForm } from "./sign-in-form";

export const metadata: Metadata = { title: "Sign in" };

interface Query {
  readonly return?: string;
  readonly provider?: string;
  readonly fault?: string;
  readonly link?: string;
  /** The provider through which somebody who has just signed out was signed in. */
  readonly out?: string;
  readonly again?: string;
}

export default async function SignInPage({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams;
  if (typeof query.link === "string" && query.link !== "") return <LinkPage token={query.link} />;
  const returnPath = safeReturnPath(query.return);
  const { configuration, database } = application();
  const providers = configuration.identityProviders;
  const { localPasswords } = await readSignInRules(database.client);
  const meant = providers.find(({ id }) => id === query.provider);
  const fault = providerFault(query.fault);
  const left = providers.find(({ id }) => id === query.out);
  return (
    <DoorPage title="Sign in" about="Just-in-time access to your organisation's resources.">
      <div className="grid gap-5">
        {meant && fault ? (
          <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
            {providerSentence(fault, isolated(meant.name))}
          </p>
        ) : null}
        {query.again === "1" ? (
          <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
            This sign-in took too long, or has ended. Sign in again.
          </p>
        ) : null}
        {left ? (
          <p role="status" className="text-muted">
            You are signed out here. At {isolated(left.name)} you may still be signed in.{" "}
            <a href={`/api/auth/signout/${left.id}`}>Sign out there too</a>
          </p>
        ) : null}
        {localPasswords === "BreakGlassOnly" ? (
          <p className="text-muted">Passwords are for break-glass accounts only.</p>
        ) : null}
        <SignInForm returnPath={returnPath} />
        {relyingPartyOf(configuration.publicUrl) ? (
          <>
            <PasskeySignIn returnPath={returnPath} />
            <NoPasskeyPlace nonce={await scriptNonce()} />
          </>
        ) : null}
        {providers.length > 0 ? (
          <ProviderLinks
            providers={providers.map(({ id, name }) => ({ id, name }))}
            returnPath={returnPath}
            apart
          />
        ) : null}
      </div>
    </DoorPage>
  );
}

/** Takes the place of the passkey button away before it is drawn, in a browser without passkeys. Comes right after it. */
function NoPasskeyPlace({ nonce }: { nonce: string | undefined }) {
  return (
    <script nonce={nonce} suppressHydrationWarning>
      {`"PublicKeyCredential"in window||(document.currentScript.previousElementSibling.hidden=true)`}
    </script>
  );
}

/** The data of an administrator's link: whose account it is for, and the one provider. */
async function LinkPage({ token }: { token: string }) {
  const { configuration, database } = application();
  const holder = await readLinkPass(database, token.slice(0, 100), await requestOrigin());
  if (holder === "Busy")
    return (
      <DoorPage
        title="Link an account"
        about="Many people are signing in at the moment. Load this page again."
      />
    );
  const provider = configuration.identityProviders.find(({ issuer }) => issuer === holder?.issuer);
  if (!holder || !provider)
    return (
      <DoorPage
        title="Link an account"
        about="This link is no longer valid. Ask an administrator for a new one."
      >
        <a className="button w-full" href="/sign-in">
          Sign in
        </a>
      </DoorPage>
    );
  return (
    <DoorPage
      title={`Link ${isolated(provider.name)}`}
      about={`Your account at ${isolated(provider.name)} will sign in as ${isolated(holder.displayName)} (${holder.email}) from now on. Go on only if that is you.`}
    >
      <ProviderLinks providers={[{ id: provider.id, name: provider.name }]} pass={token} />
    </DoorPage>
  );
}
