import type { Metadata } from "next";
import Link from "next/link";
import { Mark } from "@/components/shell/mark";
import { Name } from "@/components/ui/name";
import { readPasswordTicket } from "@/lib/identity/password-ticket";
import { busyMessage } from "@/lib/identity/sign-in-turns";
import { application } from "@/lib/platform/application";
import { requestOrigin } from "@/lib/web/request";
import { ChoosePasswordForm } from "./choose-password-form";

export const metadata: Metadata = { title: "Choose a password" };

export default async function ChoosePasswordPage({
  searchParams,
}: {
  searchParams: Promise<{ token?: string | string[] }>;
}) {
  const { token } = await searchParams;
  const text = typeof token === "string" ? token.slice(0, 200) : "";
  const found = await readPasswordTicket(application().database, text, await requestOrigin());
  const ticket = found === "Busy" ? null : found;
  return (
    <main className="mx-auto grid min-h-dvh max-w-sm content-center gap-5 p-4">
      <div>
        <p className="mb-3 flex items-center gap-2 text-lg font-bold">
          <Mark />
          Postern
        </p>
        <h1 className="mt-1">Choose a password</h1>
        {ticket ? (
          <p className="mt-1 text-muted">
            For <Name of={ticket.displayName} />, who signs in as {ticket.email}.
          </p>
        ) : null}
      </div>
      {ticket ? (
        <ChoosePasswordForm token={text} email={ticket.email} />
      ) : (
        <div className="card grid gap-3">
          <p>
            {found === "Busy"
              ? busyMessage
              : "This link is no longer valid. It was used, replaced by a newer one, or has expired. Ask an administrator for a new one."}
          </p>
          <Link className="button" href="/sign-in">
            Sign in
          </Link>
        </div>
      )}
    </main>
  );
}
