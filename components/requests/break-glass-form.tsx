"use client";

import { useState } from "react";
import { DurationField } from "@/components/activation/duration-field";
import { endInWords } from "@/components/activation/taken-words";
import { TextAreaField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { useReaderTimes } from "@/components/ui/reader-times";
import { serverNow } from "@/components/ui/server-clock";
import { minimumActivationMinutes } from "@/lib/domain/roles/role-settings";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** A waiting request of the reader's own that may be approved in an emergency. */
export interface RequestInEmergency {
  readonly id: string;
  readonly roleName: string;
  readonly resourceName: string;
  /** The longest that the activation may last, in minutes. */
  readonly longest: number;
  /** An earlier emergency of the role still waits for its review. */
  readonly underReview: boolean;
  /** Whether a phishing-resistant factor is required. */
  readonly resistantOnly: boolean;
}

export interface BreakGlassActions {
  readonly approve: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
}

/** For how long, why it cannot wait, and the code. It says who will be notified. Rendered only in the browser. */
export function BreakGlassForm(
  props: BreakGlassActions & {
    readonly request: RequestInEmergency;
    readonly hasFactor: boolean;
    readonly onClose: () => void;
  },
) {
  const { request } = props;
  const times = useReaderTimes();
  const [openedAt] = useState(serverNow);
  const [chosen, setChosen] = useState(request.longest);
  const shortest = Math.min(minimumActivationMinutes, request.longest);
  const minutes = Math.max(Math.min(chosen, request.longest), shortest);
  return (
    <ProtectedForm
      submit={props.approve}
      prepare={props.prepare}
      needsCode
      resistantOnly={request.resistantOnly}
      hasFactor={props.hasFactor}
      submitLabel="Approve and activate now"
      danger
      returnPath={`/requests/${request.id}?emergency=1`}
      focusOn="reason"
      blocked={request.underReview}
      onDone={props.onClose}
      onCancel={props.onClose}
    >
      <input type="hidden" name="requestId" value={request.id} />
      {request.underReview ? (
        <p className="banner">
          Your last emergency activation of this role still waits for its review. Ask an approver or an
          administrator to close it first.
        </p>
      ) : (
        <>
          <p>
            Approvers and administrators are notified now, and somebody else reviews what you did. It cannot
            be hidden or taken back.
          </p>
          <DurationField
            minutes={minutes}
            shortest={shortest}
            longest={request.longest}
            onChange={setChosen}
            hint={`Until ${endInWords(openedAt, minutes, times)} if you confirm now. At most ${minutesInWords(request.longest)}.`}
          />
          <TextAreaField
            label="Why it cannot wait for an approver"
            name="justification"
            maxLength={2000}
            required
          />
        </>
      )}
    </ProtectedForm>
  );
}
