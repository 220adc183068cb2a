import { notFound } from "next/navigation";
import { AddAssignments } from "@/components/assignments/add-assignments";
import { trailInside } from "@/components/resources/resource-trail";
import { PageHeader } from "@/components/ui/page-parts";
import { assignmentRules } from "@/lib/domain/roles/assignment-rules";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { requireCaller } from "@/lib/web/request";
import { addAssignments, findPrincipals, prepareAssignment } from "../../../actions";
import { openResource } from "../../../open-resource";
import { nameBySettings, openRoleSettings, roleTitle } from "../../../open-role";
import { MemberList } from "../../assignments/member-list";
import { memberQuery } from "../../assignments/member-query";

export const generateMetadata = roleTitle("readAssignments", nameBySettings, (name) => name);

export default async function RolePage(props: {
  params: Promise<{ resourceId: string; roleId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId, roleId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const caller = await requireCaller();
  const { database } = application();
  const [found, factor] = await Promise.all([
    openRoleSettings(resource.id, roleId),
    ownsFactor(database, caller),
  ]);
  if (!found) notFound();
  const query = memberQuery(await props.searchParams);
  const base = `/resources/${resource.id}/roles/${found.role.id}`;
  return (
    <>
      <PageHeader
        title={found.role.roleName}
        trail={trailInside(resource, { href: `/resources/${resource.id}/roles`, label: "Roles" })}
        description={found.role.description}
      >
        {resource.may.writeEligibility || resource.may.writeAssignment ? (
          <AddAssignments
            roleDefinitionId={found.role.id}
            resourceId={resource.id}
            roleName={found.role.roleName}
            settings={assignmentRules(found.inForce, found)}
            hasFactor={factor}
            submit={addAssignments}
            prepare={prepareAssignment}
            search={findPrincipals}
            returnPath={`${base}?add=1`}
          />
        ) : null}
        {resource.may.readRoleDefinitions ? (
          <a className="button" href={`${base}/permissions`}>
            Permissions
          </a>
        ) : null}
        {resource.may.readAudit ? (
          <a className="button" href={`/resources/${resource.id}/audit?role=${found.role.id}`}>
            Log of this role
          </a>
        ) : null}
        <a className="button" href={`${base}/settings`}>
          Role settings
        </a>
      </PageHeader>
      <MemberList
        resource={resource}
        roleDefinitionId={found.role.id}
        base={base}
        query={query}
        hasFactor={factor}
      />
    </>
  );
}
