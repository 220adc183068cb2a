import { notFound } from "next/navigation";
import { trailInside } from "@/components/resources/resource-trail";
import { EditRoleSettings } from "@/components/roles/edit-role-settings";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { hasFactor } from "@/lib/queries/activation/my-roles";
import { readOrganisation } from "@/lib/queries/notifications/organisation";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../../../open-resource";
import { nameBySettings, openRoleSettings, roleTitle } from "../../../../../open-role";
import { findApprovers, prepareRoleSettings, saveRoleSettings } from "./actions";

export const generateMetadata = roleTitle(
  "writeRoleSettings",
  nameBySettings,
  (name) => `Edit role settings of ${name}`,
);

export default async function EditRoleSettingsPage({
  params,
}: {
  params: Promise<{ resourceId: string; roleId: string }>;
}) {
  const { resourceId, roleId } = await params;
  const resource = await openResource(resourceId, "writeRoleSettings");
  const { database } = application();
  const caller = await requireCaller();
  const [found, factor, organisation] = await Promise.all([
    openRoleSettings(resource.id, roleId),
    hasFactor(database, caller),
    readOrganisation(database),
  ]);
  if (!found) notFound();
  const back = `/resources/${resource.id}/roles/${found.role.id}/settings`;
  return (
    <>
      <PageHeader
        title="Edit role settings"
        trail={trailInside(
          resource,
          { href: `/resources/${resource.id}/roles`, label: "Roles" },
          { href: `/resources/${resource.id}/roles/${found.role.id}`, label: found.role.roleName },
          { href: `/resources/${resource.id}/roles/${found.role.id}/settings`, label: "Role setting detail" },
        )}
        description={`${isolated(found.role.roleName)} on ${isolated(resource.displayName)}. Changes that weaken protection need a code.`}
      />
      <EditRoleSettings
        settings={found.settings}
        version={found.version}
        approvers={found.approvers}
        roleDefinitionId={found.role.id}
        resourceId={resource.id}
        hasFactor={factor}
        allowedMailDomains={organisation.allowedMailDomains}
        back={back}
        save={saveRoleSettings}
        prepare={prepareRoleSettings}
        search={findApprovers}
      />
    </>
  );
}
