"use client";

import { useState } from "react";
import { endInWords } from "@/components/activation/taken-words";
import { Reason } from "@/components/requests/reason";
import { Countdown } from "@/components/ui/countdown";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { LongText, Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { useReaderTimes } from "@/components/ui/reader-times";
import { serverNow } from "@/components/ui/server-clock";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** An approved request, as the member sees it before entering a code. Times are ISO 8601. */
export interface ApprovedRequest {
  readonly id: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly durationMinutes: number;
  /** The new end of the running activation that it extends; null for a new one. */
  readonly newEnd: string | null;
  /** The requested start; null for as soon as possible. */
  readonly startsAt: string | null;
  readonly justification: string | null;
  readonly decisions: readonly { readonly by: PrincipalIdentity; readonly justification: string }[];
  /** The deadline for the code, and the server's time to count from. */
  readonly expiresAt: string;
  readonly now: string;
  /** Whether a phishing-resistant factor is required. */
  readonly resistantOnly: boolean;
}

export interface ProvisionActions {
  readonly provision: (form: FormData) => Promise<FormOutcome>;
  readonly prepareProvisioning: (form: FormData) => Promise<PreparedChallenge>;
}

/** What becomes active, until when and by whose approval, with the code that starts it. Rendered only in the browser. */
export function ActivateApproved(
  props: ProvisionActions & {
    readonly request: ApprovedRequest;
    readonly hasFactor: boolean;
    readonly onClose: () => void;
  },
) {
  const { request } = props;
  const times = useReaderTimes();
  const [openedAt] = useState(serverNow);
  const minutes = request.durationMinutes;
  const start = request.startsAt === null ? null : Date.parse(request.startsAt);
  const later = start !== null && start > openedAt ? start : null;
  return (
    <ProtectedForm
      submit={props.provision}
      prepare={props.prepareProvisioning}
      needsCode
      resistantOnly={request.resistantOnly}
      hasFactor={props.hasFactor}
      submitLabel={request.newEnd === null ? "Activate now" : "Extend now"}
      returnPath={`/requests/${request.id}?activate=1`}
      focusOn="code"
      onDone={props.onClose}
      onCancel={props.onClose}
    >
      <input type="hidden" name="requestId" value={request.id} />
      <p>
        You will hold{" "}
        <strong>
          <Name of={request.roleName} />
        </strong>{" "}
        on{" "}
        <strong>
          <Name of={request.resourceName} />
        </strong>{" "}
        {request.newEnd === null ? `for ${minutesInWords(minutes)}` : ""}
        {request.newEnd !== null
          ? `until ${endInWords(Date.parse(request.newEnd), 0, times)}.`
          : later === null
            ? ` from when you confirm: until ${endInWords(openedAt, minutes, times)} if you do so now.`
            : `, from ${endInWords(later, 0, times)} until ${endInWords(later, minutes, times)}.`}
      </p>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5">
        <dt className="text-muted">Approved by</dt>
        <dd className="wrap-anywhere">
          {request.decisions.map((each) => (
            <span key={`${each.by.id} ${each.justification}`} className="block">
              <PrincipalName of={each.by} inline />: <LongText of={each.justification} />
            </span>
          ))}
        </dd>
        <dt className="text-muted">Time left to confirm</dt>
        <dd>
          <Countdown endsAt={request.expiresAt} now={request.now} />
        </dd>
      </dl>
      <Reason text={request.justification} />
    </ProtectedForm>
  );
}
