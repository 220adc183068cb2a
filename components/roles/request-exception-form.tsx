"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { type Choice, choicesOf, MultiSelect } from "@/components/assignments/multi-select";
import { TextAreaField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { exceptionLimits } from "@/lib/domain/roles/conflict-exception";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** The form for an exception from a conflict rule: for whom, until when and why. */
export function RequestExceptionForm(props: {
  resourceId: string;
  ruleId: string;
  /** The principal that the link to this form named. */
  named: PrincipalIdentity | null;
  back: string;
  submit: (form: FormData) => Promise<FormOutcome>;
  find: (resourceId: string, search: string) => Promise<readonly Choice[]>;
}) {
  const router = useRouter();
  const [chosen, setChosen] = useState(() => choicesOf(props.named ? [props.named] : []));
  const submit = async (form: FormData) => {
    const result = await props.submit(form);
    if (result.ok && result.next) router.push(result.next);
    return result;
  };
  return (
    <ProtectedForm
      submit={submit}
      submitLabel="Request exception"
      returnPath={`${props.back}/exceptions/new`}
      onCancel={() => router.push(props.back)}
    >
      <input type="hidden" name="resourceId" value={props.resourceId} />
      <input type="hidden" name="ruleId" value={props.ruleId} />
      <MultiSelect
        name="principalId"
        label="Person or group"
        hint="Type two letters to search by name. For a group, it covers those who are members when it is approved."
        chosen={chosen}
        onChange={(each) => setChosen(each.slice(-1))}
        search={(text) => props.find(props.resourceId, text)}
      />
      <MomentField name="endsAt" label="End" hint={`At most ${exceptionLimits.days} days from now.`} />
      <TextAreaField
        label="Justification"
        name="justification"
        hint="Why one person needs both roles."
        maxLength={exceptionLimits.reason}
        required
      />
    </ProtectedForm>
  );
}
