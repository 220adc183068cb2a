import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { trailInside } from "@/components/resources/resource-trail";
import { RoleDefinitionForm } from "@/components/roles/role-definition-form";
import { PageHeader } from "@/components/ui/page-parts";
import { mergedPermission } from "@/lib/domain/roles/role-definition";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { readRoleDefinition } from "@/lib/queries/roles/role-definition";
import { openResource } from "../../../open-resource";
import { actionChoices } from "../action-choices";
import { createRole, findActions, prepareRole } from "../actions";

export const metadata: Metadata = { title: "New custom role" };

const nothing = { actions: [], notActions: [], dataActions: [], notDataActions: [] };

export default async function NewRolePage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<{ clone?: string | string[] }>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "writeRoleDefinitions");
  const { clone } = await props.searchParams;
  const original =
    typeof clone === "string" ? await readRoleDefinition(application().database, clone, resource.id) : null;
  if (clone !== undefined && !original) notFound();
  const suggested = await actionChoices(application().database, resource.id, "");
  const roles = `/resources/${resource.id}/roles`;
  return (
    <>
      <PageHeader
        title="New custom role"
        trail={trailInside(resource, { href: roles, label: "Roles" })}
        description={
          original
            ? `Starts as a copy of ${isolated(original.roleName)}. The original does not change.`
            : "Create a role for what no built-in role covers."
        }
      />
      <div className="card max-w-5xl">
        <RoleDefinitionForm
          initial={{
            roleName: original ? `${original.roleName} (copy)` : "",
            description: original?.description ?? "",
            permission: (original && mergedPermission(original.permissions)) ?? nothing,
            assignableScopes: [resource.scope],
          }}
          edited={null}
          resourceId={resource.id}
          hasFactor={false}
          suggested={suggested}
          findActions={findActions}
          back={original ? `${roles}/${original.id}/permissions` : roles}
          returnPath={`${roles}/new`}
          submit={createRole}
          prepare={prepareRole}
        />
      </div>
    </>
  );
}
