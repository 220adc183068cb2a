import type { Metadata } from "next";
import { EligibleBanner } from "@/components/activation/eligible-banner";
import { iconOfType } from "@/components/resources/resource-icon";
import { ResourcePane } from "@/components/resources/resource-pane";
import { Content } from "@/components/shell/frame";
import { openAlertsText } from "@/lib/domain/alerts/alerts";
import { resourceTypeInWords } from "@/lib/domain/resources/resource-type";
import { application } from "@/lib/platform/application";
import { administratorEligibilities, ownsFactor } from "@/lib/queries/activation/my-roles";
import { requireCaller } from "@/lib/web/request";
import { activate, prepareActivation, searchActivationScopes } from "../../my-roles/actions";
import { keepFavouriteResource } from "../actions";
import { highestOpenAlerts, openResource, resourceTitle, reviewsToCloseAt } from "../open-resource";
import { typesInWords } from "../types-in-words";

interface Parameters {
  params: Promise<{ resourceId: string }>;
}

/** The title of each page ends with the resource's name. */
export async function generateMetadata({ params }: Parameters): Promise<Metadata> {
  const title = await resourceTitle((await params).resourceId);
  return title === null ? {} : { title: { default: title, template: `%s · ${title} · Postern` } };
}

export default async function ResourceLayout({
  children,
  params,
}: Parameters & { children: React.ReactNode }) {
  const { resourceId } = await params;
  const caller = await requireCaller();
  const resource = await openResource(resourceId, null);
  const { database } = application();
  const [roles, alerts, emergencies, types] = await Promise.all([
    resource.administers ? [] : administratorEligibilities(database, caller, resourceId),
    highestOpenAlerts(resourceId),
    reviewsToCloseAt(resourceId),
    typesInWords(),
  ]);
  const factor = roles.length > 0 && (await ownsFactor(database, caller));
  const { readRoleDefinitions, readRoleSettings, readAssignments, readAlerts, readAudit } = resource.may;
  return (
    <>
      <ResourcePane
        id={resource.id}
        name={resource.displayName}
        type={resourceTypeInWords(resource.resourceType, types)}
        icon={iconOfType(resource.resourceType, types)}
        scope={resource.scope}
        favourite={resource.favourite}
        keepFavourite={keepFavouriteResource}
        alerts={
          alerts && {
            waiting: openAlertsText(alerts.count),
            waitingWords: `${openAlertsText(alerts.count)} open, severity ${alerts.severity.toLowerCase()}`,
            tone: alerts.severity,
          }
        }
        emergencies={emergencies}
        may={{ readRoleDefinitions, readRoleSettings, readAssignments, readAlerts, readAudit }}
      />
      <Content>
        <EligibleBanner
          roles={roles}
          hasFactor={factor}
          actions={{ activate, prepare: prepareActivation, searchScopes: searchActivationScopes }}
        />
        {children}
      </Content>
    </>
  );
}
