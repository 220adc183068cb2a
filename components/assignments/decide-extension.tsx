"use client";

import { useState } from "react";
import { AssignmentTypeField } from "@/components/assignments/assignment-type-field";
import { Reason } from "@/components/requests/reason";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { CheckField, MomentField, TextAreaField } from "@/components/ui/forms/dialog-fields";
import { FormerNames } from "@/components/ui/principal-name";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import type { AssignmentRules } from "@/lib/domain/roles/assignment-rules";
import {
  assigningTakesCode,
  assigningTakesResistant,
  whyEligibleTakesCode,
} from "@/lib/domain/roles/factors-asked";
import { isolated } from "@/lib/domain/text/visible-text";
import { periodInWords } from "@/lib/domain/time/period";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Kind = "Eligible" | "Active";

/** A request to decide. Times are ISO 8601. */
export interface RequestToDecide {
  readonly id: string;
  readonly asked: "Extend" | "Renew";
  readonly member: PrincipalIdentity;
  readonly roleName: string;
  readonly resourceName: string;
  readonly assignmentType: Kind;
  readonly ended: boolean;
  readonly requestedEnd: string;
  readonly justification: string | null;
  readonly proposedEnd: string;
  readonly rules: AssignmentRules;
  readonly mayAssign: { readonly eligible: boolean; readonly active: boolean };
}

interface Props {
  readonly request: RequestToDecide;
  readonly hasFactor: boolean;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly returnPath: string;
}

const noun = { Extend: "extension", Renew: "renewal" } as const;

/** **Approve** and **Deny** for a request to extend or renew, each in its own dialog. */
export function DecideExtension(props: Props) {
  return (
    <span className="flex flex-wrap gap-1.5 xl:flex-nowrap">
      <Approve {...props} />
      <Deny {...props} />
    </span>
  );
}

/** What a button is about, for screen readers. */
const aboutOf = (request: RequestToDecide) =>
  `the ${noun[request.asked]} of ${isolated(request.roleName)} for ${principalText(request.member)}`;

function Approve({ request, ...props }: Props) {
  const [type, setType] = useState<Kind>(request.assignmentType);
  const turned = type !== request.assignmentType;
  const maximumDays = type === "Active" ? request.rules.activeMaximumDays : request.rules.eligibleMaximumDays;
  return (
    <ActionDialog
      label="Approve"
      subject={aboutOf(request)}
      title={`Approve ${aboutOf(request)}`}
      description={`On ${isolated(request.resourceName)}. You can choose another end${request.ended ? ", another start" : ""} or another type than requested.`}
      submit={props.submit}
      prepare={props.prepare}
      needsCode={assigningTakesCode(type, request.rules)}
      why={type === "Eligible" ? whyEligibleTakesCode : undefined}
      resistantOnly={assigningTakesResistant(type, request.rules)}
      hasFactor={props.hasFactor}
      returnPath={props.returnPath}
      focusOn="first"
    >
      <input type="hidden" name="requestId" value={request.id} />
      <input type="hidden" name="decision" value="Approve" />
      <FormerNames of={request.member} />
      <Reason text={request.justification} />
      <AssignmentTypeField allowed={request.mayAssign} value={type} onChange={setType} />
      {turned && !request.ended ? (
        <p className="text-muted">
          The {request.assignmentType.toLowerCase()} assignment ends when the{" "}
          {type === "Active" ? "active" : "eligible"} one starts.
        </p>
      ) : null}
      {request.ended || turned ? (
        <MomentField name="startsAt" label="Start" hint="Leave empty to start now." />
      ) : null}
      <MomentField
        key={type}
        name="endsAt"
        label="End"
        initial={turned ? request.proposedEnd : request.requestedEnd}
        hint={maximumDays === null ? undefined : `At most ${periodInWords(maximumDays)}.`}
      />
      {maximumDays === null ? <CheckField name="permanently" label="Permanently" /> : null}
      <TextAreaField name="justification" label="Justification" maxLength={2000} />
    </ActionDialog>
  );
}

function Deny({ request, ...props }: Props) {
  return (
    <ActionDialog
      label="Deny"
      subject={aboutOf(request)}
      title={`Deny ${aboutOf(request)}?`}
      description="Nothing changes: the assignment ends as planned. The member sees your reason and can ask again."
      submit={props.submit}
      prepare={props.prepare}
      hasFactor={props.hasFactor}
      danger
      returnPath={props.returnPath}
      focusOn="first"
    >
      <input type="hidden" name="requestId" value={request.id} />
      <input type="hidden" name="decision" value="Deny" />
      <FormerNames of={request.member} />
      <Reason text={request.justification} />
      <TextAreaField name="justification" label="Justification" maxLength={2000} />
    </ActionDialog>
  );
}
