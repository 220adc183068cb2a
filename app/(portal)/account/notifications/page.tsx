import type { Metadata } from "next";
import { MailChoiceForm } from "@/components/notifications/mail-choice-form";
import { AccountHeader } from "@/components/people/account-header";
import { application } from "@/lib/platform/application";
import { mutedCategories } from "@/lib/queries/notifications/notifications";
import { requireCaller } from "@/lib/web/request";
import { saveMailChoice } from "./actions";

export const metadata: Metadata = { title: "Notifications" };

export default async function MailChoicePage() {
  const caller = await requireCaller();
  const { configuration, database } = application();
  const muted = await mutedCategories(database, caller);
  return (
    <>
      <AccountHeader
        at="/account/notifications"
        description={`Choose what is sent to ${caller.email}. The portal always shows every notification.`}
      />
      {configuration.mail === null ? (
        <p className="banner mb-4">
          Mail is not set up on this installation. Your choices take effect once it is.
        </p>
      ) : null}
      <MailChoiceForm muted={muted} save={saveMailChoice} />
    </>
  );
}
