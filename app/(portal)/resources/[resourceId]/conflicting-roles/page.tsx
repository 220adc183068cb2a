import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { trailInside } from "@/components/resources/resource-trail";
import { DataTable } from "@/components/ui/lists/data-table";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { conflictLimits } from "@/lib/domain/roles/conflict-rule";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import {
  type ListedConflictRule,
  listConflictRules,
  type NamedRole,
} from "@/lib/queries/roles/conflict-rules";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../open-resource";

export const metadata: Metadata = { title: "Conflicting roles" };

const named = (roles: readonly NamedRole[]) => ({
  text: roles.map(({ roleName }) => isolated(roleName)).join(", "),
  sentence: true,
});

function whereOf({ place, resource }: ListedConflictRule) {
  if (place === "Here") return { text: "This resource" };
  const name = visible(resource.displayName);
  return { text: place === "Above" ? "Inherited" : "Below", note: name };
}

export default async function ConflictingRolesPage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readRoleSettings");
  const rules = await listConflictRules(application().database, await requireCaller(), resource.id);
  if (!rules) forbidden();
  const add = `/resources/${resource.id}/conflicting-roles/new`;
  return (
    <>
      <PageHeader
        title="Conflicting roles"
        trail={trailInside(resource)}
        description={`Roles that nobody may hold at the same time on ${isolated(resource.displayName)}, whoever assigns them and however they come to hold them.`}
      >
        {resource.may.writeRoleSettings ? (
          <a className="button button-primary" href={add}>
            Add rule
          </a>
        ) : null}
      </PageHeader>
      {rules.length === 0 ? (
        <EmptyState title="No roles conflict here">
          {resource.may.writeRoleSettings
            ? "Add a rule for roles that should be in different hands, such as entering and approving payments."
            : "Somebody who may edit role settings can add rules."}
        </EmptyState>
      ) : (
        <DataTable
          label="Conflicting roles"
          head={["Rule", "Roles", "Conflict with", "Where"]}
          total={{ count: rules.length, most: conflictLimits.inAll, one: "rule", many: "rules" }}
          pages={{ first: null, previous: null, next: null }}
          rows={rules.map((rule) => [
            rule.id,
            {
              text: visible(rule.name),
              note: visible(rule.reason),
              wide: true,
              ...(rule.mayOpen
                ? { href: `/resources/${rule.resource.id}/conflicting-roles/${rule.id}` }
                : {}),
            },
            named(rule.firstRoles),
            named(rule.secondRoles),
            whereOf(rule),
          ])}
        />
      )}
    </>
  );
}
