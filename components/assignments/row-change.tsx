"use client";

import type { BatchActions } from "@/components/assignments/batch-flow";
import {
  type AssignmentChange,
  ChangeAssignment,
  type ChangeOutcome,
} from "@/components/assignments/change-assignment";
import { MakeEligible, makeEligibleWords } from "@/components/assignments/make-eligible-dialog";
import { type MemberView, selectableRow } from "@/components/assignments/member-view";
import { addressOfChange } from "@/components/assignments/opened-change";
import { ConfirmDialog } from "@/components/ui/confirm-button";
import { Dialog } from "@/components/ui/dialog";
import { TextAreaField } from "@/components/ui/forms/field";
import { serverNow } from "@/components/ui/server-clock";
import { proposedEnd } from "@/lib/domain/assignments/renewal";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export interface RowChangeActions {
  readonly hasFactor: boolean;
  readonly submit: (form: FormData) => Promise<ChangeOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly remove: (form: FormData) => Promise<FormOutcome>;
  /** The action of **Make eligible**; null if it is not offered. */
  readonly makeEligible: BatchActions | null;
  readonly returnPath: string;
}

/** A change of a row that is under way. */
export interface OpenedChange {
  readonly change: AssignmentChange | "Make eligible" | "Remove";
  readonly row: MemberView;
}

/** The dialog for a change of one assignment. A list has one for all its rows. */
export function RowChange(props: RowChangeActions & OpenedChange & { onClose: () => void }) {
  const { change, row } = props;
  const assignmentType = row.state === "Eligible" ? "Eligible" : "Active";
  const member = principalText(row.member);
  if (change === "Make eligible")
    return props.makeEligible ? (
      <Dialog
        open
        onOpenChange={(open) => {
          if (!open) props.onClose();
        }}
        title={`Make ${isolated(row.roleName)} of ${member} eligible`}
        description={makeEligibleWords}
      >
        <MakeEligible
          {...props.makeEligible}
          rows={[selectableRow(row)]}
          hasFactor={props.hasFactor}
          returnPath={addressOfChange(props.returnPath, { change, id: row.id })}
          onClose={props.onClose}
        />
      </Dialog>
    ) : null;
  if (change === "Remove")
    return (
      <ConfirmDialog
        open
        onOpenChange={(open) => {
          if (!open) props.onClose();
        }}
        label="Remove"
        title={`Remove ${isolated(row.roleName)} from ${member}?`}
        description={`${member} loses this ${assignmentType.toLowerCase()} assignment immediately, with every activation based on it.`}
        submit={props.remove}
        fields={{ assignmentType, id: row.id }}
      >
        <TextAreaField name="justification" label="Justification (optional)" maxLength={2000} />
      </ConfirmDialog>
    );
  return (
    <ChangeAssignment
      change={change}
      assignmentType={assignmentType}
      id={row.id}
      member={row.member}
      roleName={row.roleName}
      shown={{ startsAt: row.start.iso, endsAt: row.end?.iso ?? "" }}
      initialEnd={change === "Update" ? (row.end?.iso ?? "") : proposed(row)}
      maximumDays={row.maximumDays}
      // A shorter eligibility takes none; a longer one is asked for it when it is saved.
      needsCode={row.needsCode && !(change === "Update" && assignmentType === "Eligible")}
      resistantOnly={row.resistantOnly}
      hasFactor={props.hasFactor}
      submit={props.submit}
      prepare={props.prepare}
      returnPath={addressOfChange(props.returnPath, { change, id: row.id })}
      onClose={props.onClose}
    />
  );
}

function proposed({ start, end, maximumDays }: MemberView): string {
  const times = { startsAt: new Date(start.iso), endsAt: end && new Date(end.iso) };
  return proposedEnd(times, maximumDays, new Date(serverNow())).toISOString();
}
