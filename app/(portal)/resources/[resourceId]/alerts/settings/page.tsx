import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { AlertSettingsForm } from "@/components/alerts/alert-settings-form";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { alertSettingsAt } from "@/lib/queries/alerts/alerts";
import { organisationFor } from "@/lib/queries/notifications/organisation";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../open-resource";
import { prepareAlertSettings, saveAlertSettings } from "../actions";

export const metadata: Metadata = { title: "Alert settings" };

export default async function AlertSettingsPage({ params }: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, "readAlerts");
  const { database } = application();
  const caller = await requireCaller();
  const [found, factor, organisation] = await Promise.all([
    alertSettingsAt(database, caller, resource.id),
    ownsFactor(database, caller),
    organisationFor(database, caller),
  ]);
  if (!found) forbidden();
  return (
    <>
      <PageHeader
        title="Alert settings"
        trail={[...trailInside(resource), { href: `/resources/${resource.id}/alerts`, label: "Alerts" }]}
        description={`What raises an alert on ${isolated(resource.displayName)} and below, unless a resource below has its own settings.`}
      />
      <p className="mb-4 max-w-3xl text-muted">
        Administrators here are notified of alerts of high and medium severity, and get high ones by mail as
        well.{" "}
        {organisation === null
          ? "The organisation's administrators can have high ones mailed to others, too."
          : organisation.alertAddresses.length === 0
            ? "Nobody else is notified. "
            : `High ones are also mailed to ${organisation.alertAddresses.join(", ")}. `}
        {organisation === null ? null : (
          <a className="link" href="/organisation#alert-addresses">
            Decide who else
          </a>
        )}
      </p>
      <AlertSettingsForm
        resourceId={resource.id}
        settings={found.settings}
        timeZone={found.timeZone}
        mayWrite={resource.may.writeAlerts}
        hasFactor={factor}
        save={saveAlertSettings}
        prepare={prepareAlertSettings}
      />
    </>
  );
}
