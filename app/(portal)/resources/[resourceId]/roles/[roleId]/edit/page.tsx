import { notFound } from "next/navigation";
import { trailInside } from "@/components/resources/resource-trail";
import { RoleDefinitionForm } from "@/components/roles/role-definition-form";
import { PageHeader } from "@/components/ui/page-parts";
import { mergedPermission } from "@/lib/domain/roles/role-definition";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../../open-resource";
import { nameByDefinition, openRoleDefinition, roleTitle } from "../../../../open-role";
import { actionChoices } from "../../action-choices";
import { findActions, prepareRole, saveRole } from "../../actions";

export const generateMetadata = roleTitle("writeRoleDefinitions", nameByDefinition, (name) => `Edit ${name}`);

export default async function EditRolePage(props: {
  params: Promise<{ resourceId: string; roleId: string }>;
}) {
  const { resourceId, roleId } = await props.params;
  const resource = await openResource(resourceId, "writeRoleDefinitions");
  const { database } = application();
  const [role, factor, suggested] = await Promise.all([
    openRoleDefinition(resource.id, roleId),
    ownsFactor(database, await requireCaller()),
    actionChoices(database, resource.id, ""),
  ]);
  const permission = role && mergedPermission(role.permissions);
  if (role?.roleType !== "CustomRole" || !permission) notFound();
  const roles = `/resources/${resource.id}/roles`;
  const base = `${roles}/${role.id}`;
  return (
    <>
      <PageHeader
        title="Edit custom role"
        trail={[
          ...trailInside(resource, { href: roles, label: "Roles" }),
          { href: `${base}/permissions`, label: role.roleName },
        ]}
        description="Changes take effect immediately for everybody who holds this role."
      />
      <div className="card max-w-5xl">
        <RoleDefinitionForm
          key={role.version}
          initial={{ ...role, permission }}
          edited={role}
          resourceId={resource.id}
          hasFactor={factor}
          suggested={suggested}
          findActions={findActions}
          back={`${base}/permissions`}
          returnPath={`${base}/edit`}
          submit={saveRole}
          prepare={prepareRole}
        />
      </div>
    </>
  );
}
