import type { Metadata } from "next";
import { MailChoiceForm } from "@/components/notifications/mail-choice-form";
import { PageHeader } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { mutedCategories } from "@/lib/queries/notifications/notifications";
import { requireCaller } from "@/lib/web/request";
import { saveMailChoice } from "./actions";

export const metadata: Metadata = { title: "Mail" };

export default async function MailChoicePage() {
  const caller = await requireCaller();
  const { configuration, database } = application();
  const muted = await mutedCategories(database, caller);
  return (
    <>
      <PageHeader
        title="Mail"
        trail={[{ href: "/notifications", label: "Notifications" }]}
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
