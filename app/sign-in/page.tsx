import type { Metadata } from "next";
import { DoorPage } from "@/components/shell/door-page";
import { safeReturnPath } from "@/lib/web/return-path";
import { SignInForm } from "./sign-in-form";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ return?: string }> }) {
  const returnPath = safeReturnPath((await searchParams).return);
  return (
    <DoorPage title="Sign in" about="Just-in-time access to your organisation's resources.">
      <SignInForm returnPath={returnPath} />
    </DoorPage>
  );
}
