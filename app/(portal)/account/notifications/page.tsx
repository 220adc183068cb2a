import type { Metadata } from "next";
import { MailChoiceForm } from "@/components/notifications/mail-choice-form";
import { PageHeader } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { mutedCategories } from "@/lib/queries/notifications/notifications";
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
        description={`What is sent to ${caller.email}. The portal shows all of it, whatever you choose here.`}
      />
      {configuration.mail === null ? (
        <p className="banner mb-4">
          This installation sends no mail at present. Your choice counts as soon as it does.
        </p>
      ) : null}
      <MailChoiceForm muted={muted} save={saveMailChoice} />
    </>
  );
}
