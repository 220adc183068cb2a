import type { Metadata } from "next";
import { Mark } from "@/components/shell/mark";
import { safeReturnPath } from "@/lib/web/return-path";
import { SignInForm } from "./sign-in-form";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ return?: string }> }) {
  const returnPath = safeReturnPath((await searchParams).return);
  return (
    <main className="mx-auto grid min-h-dvh max-w-sm content-center gap-6 p-4">
      <div>
        <p className="mb-3 flex items-center gap-2 text-lg font-bold">
          <Mark />
          Postern
        </p>
        <h1 className="mt-1">Sign in</h1>
        <p className="mt-1 text-muted">Just-in-time access to your organisation's resources.</p>
      </div>
      <div className="card">
        <SignInForm returnPath={returnPath} />
      </div>
    </main>
  );
}
