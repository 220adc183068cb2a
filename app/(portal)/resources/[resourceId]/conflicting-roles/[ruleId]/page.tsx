import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { trailInside } from "@/components/resources/resource-trail";
import { ConflictRuleForm } from "@/components/roles/conflict-rule-form";
import { ConflictRuleSummary } from "@/components/roles/conflict-rule-summary";
import { ExceptionsSection } from "@/components/roles/exceptions-section";
import { HeldTogetherList } from "@/components/roles/held-together-list";
import { RemoveConflictRule } from "@/components/roles/remove-conflict-rule";
import { PageHeader } from "@/components/ui/page-parts";
import { Section } from "@/components/ui/section";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { listConflictExceptions } from "@/lib/queries/roles/conflict-exceptions";
import { mostHeldTogether, readConflictRule } from "@/lib/queries/roles/conflict-rules";
import { readerTimes } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../../open-resource";
import {
  approveException,
  endException,
  findRolesOfRules,
  prepareApproval,
  prepareRemoval,
  prepareRule,
  removeRule,
  saveRule,
} from "../actions";

export const metadata: Metadata = { title: "Conflicting roles" };

export default async function ConflictRulePage(props: {
  params: Promise<{ resourceId: string; ruleId: string }>;
}) {
  const { resourceId, ruleId } = await props.params;
  const resource = await openResource(resourceId, "readRoleSettings");
  if (!z.uuid().safeParse(ruleId).success) notFound();
  const caller = await requireCaller();
  const { database } = application();
  const [opened, exceptions, factor] = await Promise.all([
    readConflictRule(database, caller, resource.id, ruleId),
    listConflictExceptions(database, caller, resource.id, ruleId),
    ownsFactor(database, caller),
  ]);
  if (!opened || !exceptions) notFound();
  const times = await readerTimes();
  const { rule, heldTogether } = opened;
  const list = `/resources/${resource.id}/conflicting-roles`;
  const returnPath = `${list}/${rule.id}`;
  return (
    <>
      <PageHeader
        title={isolated(rule.name)}
        trail={trailInside(resource, { href: list, label: "Conflicting roles" })}
        description={`Nobody may hold a role of each set at the same time on ${isolated(resource.displayName)}, above it or below it.`}
      >
        {resource.may.writeRoleSettings ? (
          <RemoveConflictRule
            rule={{ id: rule.id, name: rule.name, version: rule.version }}
            hasFactor={factor}
            back={list}
            returnPath={returnPath}
            submit={removeRule}
            prepare={prepareRemoval}
          />
        ) : null}
      </PageHeader>
      <div className="grid max-w-4xl gap-6">
        <div className="card">
          {resource.may.writeRoleSettings ? (
            <ConflictRuleForm
              key={rule.version}
              resourceId={resource.id}
              edited={{
                id: rule.id,
                version: rule.version,
                name: rule.name,
                reason: rule.reason,
                firstRoles: rule.firstRoles,
                secondRoles: rule.secondRoles,
                exceptions: exceptions.waiting.length + exceptions.inForce.length,
              }}
              hasFactor={factor}
              back={list}
              returnPath={returnPath}
              submit={saveRule}
              prepare={prepareRule}
              findRoles={findRolesOfRules}
              whoHoldsBoth={null}
            />
          ) : (
            <ConflictRuleSummary rule={rule} />
          )}
        </div>
        <ExceptionsSection
          exceptions={exceptions}
          newHref={resource.may.writeRoleSettings ? `${returnPath}/exceptions/new` : null}
          decisions={{
            ...{ hasFactor: factor, returnPath, times },
            ...{ approve: approveException, prepare: prepareApproval, end: endException },
          }}
        />
        {heldTogether ? (
          <Section id="held-together" title="Who holds both">
            <HeldTogetherList found={heldTogether} most={mostHeldTogether} times={times} />
          </Section>
        ) : null}
      </div>
    </>
  );
}
