"use client";

import { AssignmentTypeField } from "@/components/assignments/assignment-type-field";
import { Reason } from "@/components/requests/reason";
import { FormerNames } from "@/components/ui/former-names";
import { CheckField, MomentField, TextAreaField } from "@/components/ui/forms/dialog-fields";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { AssignmentRules } from "@/lib/domain/roles/assignment-rules";
import { periodInWords } from "@/lib/domain/time/period";

type Type = "Eligible" | "Active";

/** A request to decide. Times are ISO 8601. */
export interface RequestToDecide {
  readonly id: string;
  readonly asked: "Extend" | "Renew";
  readonly member: PrincipalIdentity;
  readonly roleName: string;
  readonly resourceName: string;
  readonly assignmentType: Type;
  readonly ended: boolean;
  readonly requestedEnd: string;
  readonly justification: string | null;
  readonly proposedEnd: string;
  readonly rules: AssignmentRules;
  readonly mayAssign: { readonly eligible: boolean; readonly active: boolean };
}

/** What the dialog **Approve** of a request to extend or renew asks for. */
export function ApproveFields(props: {
  readonly request: RequestToDecide;
  readonly type: Type;
  readonly onType: (type: Type) => void;
}) {
  const { request, type } = props;
  const turned = type !== request.assignmentType;
  const maximumDays = type === "Active" ? request.rules.activeMaximumDays : request.rules.eligibleMaximumDays;
  return (
    <>
      <input type="hidden" name="requestId" value={request.id} />
      <input type="hidden" name="decision" value="Approve" />
      <FormerNames of={request.member} />
      <Reason text={request.justification} />
      <AssignmentTypeField allowed={request.mayAssign} value={type} onChange={props.onType} />
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
    </>
  );
}

/** The same of **Deny**. */
export function DenyFields({ request }: { readonly request: RequestToDecide }) {
  return (
    <>
      <input type="hidden" name="requestId" value={request.id} />
      <input type="hidden" name="decision" value="Deny" />
      <FormerNames of={request.member} />
      <Reason text={request.justification} />
      <TextAreaField name="justification" label="Justification" maxLength={2000} />
    </>
  );
}
