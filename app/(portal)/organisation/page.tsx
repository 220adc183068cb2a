import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { MailDomainsForm } from "@/components/notifications/mail-domains-form";
import { PageHeader } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { hasFactor } from "@/lib/queries/activation/my-roles";
import { organisationFor } from "@/lib/queries/notifications/organisation";
import { requireCaller } from "@/lib/web/request";
import { prepareOrganisation, saveOrganisation } from "./actions";

export const metadata: Metadata = { title: "Organisation" };

export default async function OrganisationPage() {
  const caller = await requireCaller();
  const { database } = application();
  const [organisation, factor] = await Promise.all([
    organisationFor(database, caller),
    hasFactor(database, caller),
  ]);
  if (organisation === null) notFound();
  return (
    <>
      <PageHeader title="Organisation" description="Settings for the whole installation." />
      <MailDomainsForm
        key={organisation.version}
        domains={organisation.allowedMailDomains}
        version={organisation.version}
        hasFactor={factor}
        save={saveOrganisation}
        prepare={prepareOrganisation}
      />
    </>
  );
}
