"use client";

import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { type Choice, MultiSelect } from "@/components/assignments/multi-select";
import { TextAreaField, TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { Sentence } from "@/components/ui/name";
import { conflictLimits, forbidTheSame, weakensConflictRule } from "@/lib/domain/roles/conflict-rule";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

interface NamedRole {
  readonly id: string;
  readonly roleName: string;
}

interface EditedRule {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly reason: string;
  readonly firstRoles: readonly NamedRole[];
  readonly secondRoles: readonly NamedRole[];
  /** How many exceptions wait or are in force. A change of the roles ends them. */
  readonly exceptions: number;
}

const choices = (roles: readonly NamedRole[] = []): Choice[] =>
  roles.map(({ id, roleName }) => ({ id, label: isolated(roleName), principal: null }));
const idsOf = (chosen: readonly { readonly id: string }[]) => chosen.map(({ id }) => id);

/** The form for a new or edited rule about conflicting roles. */
export function ConflictRuleForm(props: {
  resourceId: string;
  /** Null for a new rule. */
  edited: EditedRule | null;
  hasFactor: boolean;
  back: string;
  returnPath: string;
  submit: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
  findRoles: (resourceId: string, search: string) => Promise<readonly Choice[]>;
  /** Says who would hold both, if the page does not list them. */
  whoHoldsBoth: ((resourceId: string, first: string[], second: string[]) => Promise<string | null>) | null;
}) {
  const router = useRouter();
  const { edited, resourceId } = props;
  const [first, setFirst] = useState<readonly Choice[]>(() => choices(edited?.firstRoles));
  const [second, setSecond] = useState<readonly Choice[]>(() => choices(edited?.secondRoles));
  const after = { firstRoleIds: idsOf(first), secondRoleIds: idsOf(second) };
  const weakens =
    edited !== null &&
    weakensConflictRule(
      { firstRoleIds: idsOf(edited.firstRoles), secondRoleIds: idsOf(edited.secondRoles) },
      after,
    );
  const ends =
    edited !== null &&
    edited.exceptions > 0 &&
    !forbidTheSame(
      { firstRoleIds: idsOf(edited.firstRoles), secondRoleIds: idsOf(edited.secondRoles) },
      after,
    );
  const [holding, setHolding] = useState<string | null>(null);
  const asked = useRef(0);
  /** Asks who holds both now, once both sets have a role. Only the newest answer counts. */
  function look(one: readonly Choice[], other: readonly Choice[]) {
    asked.current += 1;
    const question = asked.current;
    setHolding(null);
    if (!props.whoHoldsBoth || one.length === 0 || other.length === 0) return;
    props
      .whoHoldsBoth(resourceId, idsOf(one), idsOf(other))
      .catch(() => null)
      .then((answer) => {
        if (question === asked.current) setHolding(answer);
      });
  }
  const submit = async (form: FormData) => {
    const result = await props.submit(form);
    if (result.ok && result.next) router.push(result.next);
    return result;
  };
  const search = (text: string) => props.findRoles(resourceId, text);
  return (
    <ProtectedForm
      submit={submit}
      prepare={props.prepare}
      needsCode={weakens}
      hasFactor={props.hasFactor}
      submitLabel={edited ? "Save" : "Add rule"}
      returnPath={props.returnPath}
      onCancel={() => router.push(props.back)}
    >
      <input type="hidden" name="resourceId" value={resourceId} />
      {edited ? (
        <>
          <input type="hidden" name="ruleId" value={edited.id} />
          <input type="hidden" name="expectedVersion" value={edited.version} />
        </>
      ) : null}
      <TextField
        label="Name"
        name="name"
        defaultValue={edited?.name ?? ""}
        maxLength={conflictLimits.name}
        autoComplete="off"
        required
      />
      <div className="grid items-start gap-4 md:grid-cols-2">
        <MultiSelect
          name="firstRoleIds"
          label="Roles"
          hint="Type two letters to search by name."
          chosen={first}
          onChange={(chosen) => {
            setFirst(chosen);
            look(chosen, second);
          }}
          search={search}
        />
        <MultiSelect
          name="secondRoleIds"
          label="Conflict with"
          hint="Nobody may hold one of these together with one of the others."
          chosen={second}
          onChange={(chosen) => {
            setSecond(chosen);
            look(first, chosen);
          }}
          search={search}
        />
      </div>
      <TextAreaField
        label="Reason"
        name="reason"
        hint="Why these roles should be in different hands."
        defaultValue={edited?.reason ?? ""}
        maxLength={conflictLimits.reason}
        required
      />
      {props.whoHoldsBoth ? (
        <p role="status" className="min-h-5 text-muted">
          {holding ? <Sentence of={holding} /> : null}
        </p>
      ) : null}
      {ends ? (
        <p className="text-warning">
          {edited?.exceptions === 1
            ? "This ends the exception of this rule: it was approved for the previous roles."
            : `This ends the ${edited?.exceptions} exceptions of this rule: they were approved for the previous roles.`}
        </p>
      ) : null}
      {weakens ? (
        <p className="text-warning">
          This allows roles together that the rule forbids now, so it takes a code.
        </p>
      ) : null}
    </ProtectedForm>
  );
}
