import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { DoorPage } from "@/components/shell/door-page";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { isolated } from "@/lib/domain/text/visible-text";
import { secondFactorAwaited } from "@/lib/identity/sign-in/second-factor";
import { application } from "@/lib/platform/application";
import { awaitingToken, requestOrigin } from "@/lib/web/request";
import { safeReturnPath } from "@/lib/web/return-path";
import { PasskeySignIn } from "../passkey-sign-in";
import { CodeForm, FirstApp, FirstPasskey } from "./second-factor-forms";

export const metadata: Metadata = { title: "Second factor" };

/** What is requested after the right password, if the rules require a second factor at sign-in. */
export default async function SecondFactorPage({
  searchParams,
}: {
  searchParams: Promise<{ return?: string | string[] }>;
}) {
  const query = await searchParams;
  const { configuration, database } = application();
  const token = await awaitingToken();
  const asked = token && (await secondFactorAwaited(database, token, await requestOrigin()));
  if (!asked) redirect("/sign-in");
  const { email, factor, first, appsAccepted } = asked;
  const party = relyingPartyOf(configuration.publicUrl);
  const setup = { email, pass: first.needsPass ? { bySetUp: first.bySetUp } : null };
  const returnPath = safeReturnPath(typeof query.return === "string" ? query.return : undefined);
  const another = (
    <a className="button w-full" href="/sign-in">
      Sign in as somebody else
    </a>
  );
  if (!factor.enrolled)
    return (
      <DoorPage
        title="Set up a second factor"
        about={`Your organisation asks for one when ${isolated(email)} signs in.`}
      >
        <div className="grid gap-5">
          {appsAccepted ? <FirstApp {...setup} next={returnPath} /> : null}
          {!appsAccepted && party ? <FirstPasskey {...setup} next={returnPath} /> : null}
          {appsAccepted || party ? null : (
            <p className="banner">
              Authenticator apps are not accepted, and passkeys work only if Postern is served over HTTPS. Ask
              an administrator.
            </p>
          )}
          {another}
        </div>
      </DoorPage>
    );
  return (
    <DoorPage
      title="Second factor"
      about={
        factor.app
          ? `Enter the six digits that your authenticator app shows for ${isolated(email)}, or a recovery code.`
          : `Use the passkey of ${isolated(email)}.`
      }
    >
      <div className="grid gap-5">
        {factor.app ? <CodeForm returnPath={returnPath} /> : null}
        {party ? <PasskeySignIn returnPath={returnPath} /> : null}
        {another}
      </div>
    </DoorPage>
  );
}
