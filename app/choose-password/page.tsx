import type { Metadata } from "next";
import { DoorPage } from "@/components/shell/door-page";
import { Name } from "@/components/ui/name";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { passwordsAreOffMessage, readPasswordTicket } from "@/lib/identity/passwords/password-ticket";
import { busyMessage } from "@/lib/identity/sessions/sign-in-turns";
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
  const { minimumPasswordLength } = await readSignInRules(application().database.client);
  const ticket = found === "Busy" ? null : found;
  return (
    <DoorPage
      title="Choose a password"
      about={
        ticket?.passwordCounts ? (
          <>
            For <Name of={ticket.displayName} />, who signs in as {ticket.email}.
          </>
        ) : null
      }
    >
      {ticket?.passwordCounts ? (
        <ChoosePasswordForm token={text} email={ticket.email} shortest={minimumPasswordLength} />
      ) : (
        <div className="grid gap-4">
          <p>
            {found === "Busy"
              ? busyMessage
              : ticket
                ? passwordsAreOffMessage
                : "This link is no longer valid. It was used, replaced by a newer one, or has expired. Ask an administrator for a new one."}
          </p>
          <a className="button" href="/sign-in">
            Sign in
          </a>
        </div>
      )}
    </DoorPage>
  );
}
