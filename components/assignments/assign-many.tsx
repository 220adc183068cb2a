"use client";

import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { AssignmentTypeField } from "@/components/assignments/assignment-type-field";
import {
  type BatchActions,
  BatchPreview,
  BatchReport,
  type BatchStep,
  previewOf,
} from "@/components/assignments/batch-flow";
import { type Choice, MultiSelect } from "@/components/assignments/multi-select";
import { TermFields } from "@/components/assignments/term-fields";
import { TextAreaField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import {
  assigningTakesCode,
  assigningTakesResistant,
  whyEligibleTakesCode,
} from "@/lib/domain/roles/factors-asked";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Kind = "Eligible" | "Active";

/**
 * **Add assignments**: roles, members, type, time and reason. A single assignment is made at once, with the
 * code in the same form. Several are previewed first, and each succeeds or fails on its own.
 */
export function AssignMany(
  props: BatchActions & {
    resourceId: string;
    mayAssign: { readonly eligible: boolean; readonly active: boolean };
    maximumRows: number;
    hasFactor: boolean;
    /** The list of assignments to return to. */
    listPath: string;
    returnPath: string;
    /** The roles in use or edited here. */
    usedRoles: readonly Choice[];
    findRoles: (resourceId: string, search: string) => Promise<readonly Choice[]>;
    findMembers: (resourceId: string, search: string) => Promise<readonly Choice[]>;
    /** Makes one assignment. */
    assign: (form: FormData) => Promise<FormOutcome>;
    prepareOne: (form: FormData) => Promise<PreparedChallenge>;
  },
) {
  const router = useRouter();
  const frame = useRef<HTMLDivElement>(null);
  const [roles, setRoles] = useState<readonly Choice[]>([]);
  const [members, setMembers] = useState<readonly Choice[]>([]);
  const [type, setType] = useState<Kind>(props.mayAssign.eligible ? "Eligible" : "Active");
  const [step, setStep] = useState<BatchStep>({ at: "fields" });
  const rows = roles.length * members.length;
  const one = rows === 1;
  const leave = () => router.push(`${props.listPath}?tab=${type === "Active" ? "active" : "eligible"}`);
  const named = roles.flatMap((role) =>
    members.map((member) => ({ id: `${role.id} ${member.id}`, name: `${role.label} for ${member.label}` })),
  );
  const toMembers = () => frame.current?.querySelector<HTMLElement>("[name=principalIdsSearch]")?.focus();
  async function preview(form: FormData): Promise<FormOutcome> {
    const outcome = await props.preview(form);
    if (!outcome.ok) return outcome;
    setStep(previewOf(form, named, outcome));
    return { ok: true, message: "" };
  }
  return (
    <>
      <div ref={frame} hidden={step.at !== "fields"}>
        <ProtectedForm
          submit={one ? props.assign : preview}
          prepare={props.prepareOne}
          needsCode={one && roles.some(({ rules }) => rules && assigningTakesCode(type, rules))}
          why={type === "Eligible" ? whyEligibleTakesCode : undefined}
          resistantOnly={roles.some(({ rules }) => rules && assigningTakesResistant(type, rules))}
          hasFactor={props.hasFactor}
          submitLabel={rows > 1 ? "Preview" : "Assign"}
          returnPath={props.returnPath}
          focusOn="first"
          onDone={() => {
            if (one) leave();
          }}
          onCancel={leave}
        >
          <input type="hidden" name="resourceId" value={props.resourceId} />
          <input type="hidden" name="roleDefinitionId" value={roles[0]?.id ?? ""} />
          <div className="grid items-start gap-4 md:grid-cols-2">
            <MultiSelect
              name="roleDefinitionIds"
              label="Roles"
              hint="Search by name. Press Enter to add the first match."
              chosen={roles}
              suggested={{ label: "In use here:", choices: props.usedRoles, onChosen: toMembers }}
              onChange={setRoles}
              search={(text) => props.findRoles(props.resourceId, text)}
            />
            <MultiSelect
              name="principalIds"
              label="Members"
              hint="Search users and groups by name or email. Press Enter to add the first match."
              chosen={members}
              onChange={setMembers}
              search={(text) => props.findMembers(props.resourceId, text)}
            />
          </div>
          {rows > 1 ? (
            <p role="status" className={rows > props.maximumRows ? "text-danger" : "text-muted"}>
              {`${rows} assignments${rows > props.maximumRows ? `: at most ${props.maximumRows} at once` : ""}.`}
            </p>
          ) : null}
          <AssignmentTypeField allowed={props.mayAssign} value={type} onChange={setType} />
          <TermFields type={type} maximum={shortest(roles, type)} />
          <TextAreaField name="justification" label="Justification" maxLength={2000} />
        </ProtectedForm>
      </div>
      {step.at === "preview" ? (
        <BatchPreview
          {...props}
          submitLabel={(count) => `Make ${count} ${count === 1 ? "assignment" : "assignments"}`}
          step={step}
          onBack={() => setStep({ at: "fields" })}
          onReport={(items) => setStep({ at: "report", named: step.named, items })}
        />
      ) : null}
      {step.at === "report" ? <BatchReport {...step} onClose={leave} /> : null}
    </>
  );
}

/** The shortest maximum of the chosen roles; null if all of them allow permanent assignments. */
function shortest(roles: readonly Choice[], type: Kind): number | null {
  const all = roles.map(({ rules }) =>
    type === "Active" ? rules?.activeMaximumDays : rules?.eligibleMaximumDays,
  );
  const limited = all.filter((days) => typeof days === "number");
  if (limited.length > 0) return Math.min(...limited);
  // The settings are unknown until a role is chosen.
  return roles.length === 0 ? usualMaximum[type] : null;
}

const usualMaximum = { Eligible: 365, Active: 180 } as const;
