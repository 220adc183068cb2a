import type { Metadata } from "next";
import { trailInside } from "@/components/resources/resource-trail";
import { ConflictRuleForm } from "@/components/roles/conflict-rule-form";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { openResource } from "../../../open-resource";
import { addRule, findRolesOfRules, prepareRule, whoHoldsBothNow } from "../actions";

export const metadata: Metadata = { title: "Add rule" };

export default async function AddConflictRulePage(props: { params: Promise<{ resourceId: string }> }) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "writeRoleSettings");
  const list = `/resources/${resource.id}/conflicting-roles`;
  return (
    <>
      <PageHeader
        title="Add rule"
        trail={trailInside(resource, { href: list, label: "Conflicting roles" })}
        description={`Nobody may hold a role of each set at the same time on ${isolated(resource.displayName)}, above it or below it. Being eligible for both stays allowed; activating the second is refused.`}
      />
      <div className="card max-w-3xl">
        <ConflictRuleForm
          resourceId={resource.id}
          edited={null}
          hasFactor={false}
          back={list}
          returnPath={`${list}/new`}
          submit={addRule}
          prepare={prepareRule}
          findRoles={findRolesOfRules}
          whoHoldsBoth={whoHoldsBothNow}
        />
      </div>
    </>
  );
}
