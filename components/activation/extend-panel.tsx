"use client";

import { useCallback, useEffect, useState } from "react";
import { ReasonFields } from "@/components/activation/activation-fields";
import { draftOf } from "@/components/activation/activation-panel";
import { DurationField } from "@/components/activation/duration-field";
import { PanelUnavailable } from "@/components/activation/panel-unavailable";
import { endInWords } from "@/components/activation/taken-words";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { useReaderTimes } from "@/components/ui/reader-times";
import { activationTakesResistant, asksFreshCode } from "@/lib/domain/roles/factors-asked";
import { minimumActivationMinutes } from "@/lib/domain/roles/role-settings";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { ExtensionTerms } from "@/lib/queries/activation/extension-terms";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export interface ExtensionActions {
  readonly extend: (form: FormData) => Promise<FormOutcome>;
  readonly prepareExtension: (form: FormData) => Promise<PreparedChallenge>;
  /** The conditions of an extension; null if the activation has ended. */
  readonly readExtension: (assignmentId: string) => Promise<ExtensionTerms | null>;
}

interface Props extends ExtensionActions {
  readonly assignmentId: string;
  readonly hasFactor: boolean;
  readonly onClose: () => void;
}

/** By how much, why, and the code that moves the end. Rendered only in the browser. */
export function ExtendPanel(props: Props) {
  const { assignmentId, readExtension } = props;
  const times = useReaderTimes();
  const returnPath = `/my-roles?tab=active&extend=${assignmentId}`;
  const [drafted] = useState(() => draftOf(returnPath).get("duration"));
  const [terms, setTerms] = useState<ExtensionTerms | "Loading" | "None">("Loading");
  const [chosen, setChosen] = useState(drafted ? Math.round(Number(drafted) * 60) : 60);
  const load = useCallback(async () => {
    const found = await readExtension(assignmentId).catch(() => null);
    setTerms(found ?? "None");
  }, [assignmentId, readExtension]);
  useEffect(() => {
    load();
  }, [load]);

  if (terms === "Loading")
    return (
      <p role="status" className="min-h-72 text-muted">
        Loading the role settings…
      </p>
    );
  if (terms === "None")
    return (
      <PanelUnavailable onRetry={load} onClose={props.onClose}>
        This role cannot be extended now. It is no longer active, you are no longer eligible for it, or the
        server did not answer.
      </PanelUnavailable>
    );
  const { settings, longest } = terms;
  const blocked = whyNot(terms);
  if (blocked !== null)
    return (
      <div className="grid gap-4">
        <p role="status" className="banner">
          <span className="grow">{blocked}</span>
          {terms.waiting ? (
            <a href="/my-requests?show=waiting" className="button">
              My requests
            </a>
          ) : null}
        </p>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={props.onClose}>
            Close
          </button>
        </div>
      </div>
    );
  const shortest = Math.min(minimumActivationMinutes, longest);
  const minutes = Math.max(Math.min(chosen, longest), shortest);
  return (
    <ProtectedForm
      submit={async (form) => {
        const outcome = await props.extend(form);
        // The settings or the end may have changed.
        if (!outcome.ok) await load();
        return outcome;
      }}
      prepare={props.prepareExtension}
      needsCode={settings.activationRequiresMfa}
      resistantOnly={activationTakesResistant(settings)}
      hasFactor={props.hasFactor}
      submitLabel={settings.approvalRequired ? "Request extension" : "Extend"}
      returnPath={returnPath}
      focusOn="reason"
      onDone={props.onClose}
      onCancel={props.onClose}
    >
      <input type="hidden" name="assignmentId" value={assignmentId} />
      <input type="hidden" name="expectedEnd" value={terms.presentEnd} />
      <DurationField
        key={`${shortest} ${longest}`}
        label="Extend by"
        minutes={minutes}
        shortest={shortest}
        longest={longest}
        onChange={setChosen}
        hint={`${newEnd(terms, minutes, times)} ${limits[terms.limit](longest)}`}
      />
      <ReasonFields settings={settings} reasons={terms.reasons} />
    </ProtectedForm>
  );
}

const limits: Readonly<Record<ExtensionTerms["limit"], (longest: number) => string>> = {
  Settings: (longest) => `At most ${minutesInWords(longest)} more.`,
  Eligibility: () => "Your eligibility ends then at the latest.",
  Next: () => "It begins again for you then at the latest.",
};

/** What the code confirms: the present and the new end, and what the extension waits for. */
function newEnd({ settings, presentEnd }: ExtensionTerms, minutes: number, times: ReaderTimes): string {
  const end = Date.parse(presentEnd);
  const approval = asksFreshCode(settings)
    ? ", once it is approved and you have entered a new code"
    : ", once it is approved";
  return `Until ${endInWords(end, minutes, times)} instead of ${endInWords(end, 0, times)}${settings.approvalRequired ? approval : ""}.`;
}

/** Why it cannot be extended now; null if it can. */
function whyNot({ waiting, longest, limit }: ExtensionTerms): string | null {
  if (waiting === "PendingProvisioning")
    return "Your request to extend it is approved and waits for your verification code.";
  if (waiting === "PendingApproval")
    return "You have asked to extend it. It stays active until its current end while the request waits for approval.";
  if (longest > 0) return null;
  switch (limit) {
    case "Eligibility":
      return "Your eligibility ends with it, so it cannot be extended.";
    case "Next":
      return "It begins again for you as soon as it ends, so there is nothing to extend.";
    default:
      return "It already lasts as long as the role settings allow from now. Extend it later.";
  }
}
