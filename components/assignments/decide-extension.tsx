"use client";

import { useState } from "react";
import type { RequestToDecide } from "@/components/assignments/decide-extension-fields";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { later } from "@/components/ui/later";
import { principalText } from "@/lib/domain/people/principal-identity";
import {
  assigningTakesCode,
  assigningTakesResistant,
  whyEligibleTakesCode,
} from "@/lib/domain/roles/factors-asked";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

interface Props {
  readonly request: RequestToDecide;
  readonly hasFactor: boolean;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly returnPath: string;
}

const fields = () => import("@/components/assignments/decide-extension-fields");
const ApproveFields = later(() => fields().then((module) => module.ApproveFields));
const DenyFields = later(() => fields().then((module) => module.DenyFields));

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
  const [type, setType] = useState<RequestToDecide["assignmentType"]>(request.assignmentType);
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
      comeNear={ApproveFields.comeNear}
    >
      <ApproveFields request={request} type={type} onType={setType} />
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
      comeNear={DenyFields.comeNear}
    >
      <DenyFields request={request} />
    </ActionDialog>
  );
}
