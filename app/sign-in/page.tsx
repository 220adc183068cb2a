import type { Metadata } from "next";
import { DoorPage } from "@/components/shell/door-page";
import { relyingPartyOf } from "@/lib/domain/people/relying-party";
import { application } from "@/lib/platform/application";
import { safeReturnPath } from "@/lib/web/return-path";
import { PasskeySignIn } from "./passkey-sign-in";
import { SignInForm } from "./sign-in-form";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ return?: string }> }) {
  const returnPath = safeReturnPath((await searchParams).return);
  return (
    <DoorPage title="Sign in" about="Just-in-time access to your organisation's resources.">
      <div className="grid gap-5">
        <SignInForm returnPath={returnPath} />
        {relyingPartyOf(application().configuration.publicUrl) ? (
          <PasskeySignIn returnPath={returnPath} />
        ) : null}
      </div>
    </DoorPage>
  );
}
