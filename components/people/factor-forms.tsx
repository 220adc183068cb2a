"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { RecoveryCodes } from "@/components/people/recovery-codes";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;
type Prepare = (form: FormData) => Promise<PreparedChallenge>;

/** Says how many recovery codes are left, and makes new ones, which are shown once in place of that. */
export function RecoveryCodesForm(props: { left: number; submit: Submit; prepare: Prepare }) {
  const router = useRouter();
  const [made, setMade] = useState<{ codes: readonly string[]; View: typeof RecoveryCodes } | null>(null);
  const submit: Submit = async (form) => {
    // Codes are shown once, so what shows them is there before they are made.
    const { RecoveryCodes: View } = await import("@/components/people/recovery-codes");
    const result = await props.submit(form);
    if (!result.ok) return result;
    setMade({ codes: result.message.split("\n"), View });
    return { ok: true, message: "Keep the recovery codes safe." };
  };
  if (made)
    return (
      <made.View
        codes={made.codes}
        onStored={() => {
          setMade(null);
          router.refresh();
        }}
      />
    );
  return (
    <>
      <p className="text-muted">
        {props.left === 0 ? "None left." : `${props.left} left. New codes replace these.`}
      </p>
      <ProtectedForm
        submit={submit}
        prepare={props.prepare}
        needsCode
        hasFactor
        secondary
        submitLabel="Make new recovery codes"
        returnPath="/account/security"
      />
    </>
  );
}

export function RemoveForm(props: { submit: Submit; prepare: Prepare }) {
  return (
    <ActionDialog
      label="Remove"
      buttonClass="button-danger"
      title="Remove the authenticator app?"
      description="Its codes and recovery codes stop working. Without another factor you cannot activate roles that require one."
      submit={props.submit}
      prepare={props.prepare}
      needsCode
      hasFactor
      danger
      returnPath="/account/security"
    />
  );
}
