import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { OrganisationForm } from "@/components/notifications/organisation-form";
import { PageHeader } from "@/components/ui/page-parts";
import { timeZones } from "@/lib/domain/time/time-zone";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { organisationFor } from "@/lib/queries/notifications/organisation";
import { requireCaller } from "@/lib/web/request";
import { prepareOrganisation, saveOrganisation } from "./actions";

export const metadata: Metadata = { title: "Organisation" };

export default async function OrganisationPage() {
  const caller = await requireCaller();
  const { configuration, database } = application();
  const [organisation, factor] = await Promise.all([
    organisationFor(database, caller),
    ownsFactor(database, caller),
  ]);
  if (organisation === null) notFound();
  return (
    <>
      <PageHeader title="Organisation" description="Settings for the whole installation." />
      <OrganisationForm
        key={`${organisation.version} ${organisation.displayName}`}
        settings={organisation}
        timeZones={timeZones}
        version={organisation.version}
        hasFactor={factor}
        save={saveOrganisation}
        prepare={prepareOrganisation}
      />
      <section className="card mt-4 max-w-3xl" aria-labelledby="address-heading">
        <h2 id="address-heading">Address</h2>
        <p className="mt-1">
          <code className="wrap-anywhere">{configuration.publicUrl}</code>
        </p>
        <p className="mt-1 text-muted">
          Links in mail lead here, and sign-ins and passkeys are bound to it. The operator of the server sets
          it with <code>POSTERN_URL</code>.
        </p>
      </section>
    </>
  );
}
