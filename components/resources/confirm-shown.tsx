"use client";

import { useRouter } from "next/navigation";
import { type ConfirmedAction, HiddenFields } from "@/components/ui/forms/action-dialog";
import { TextAreaField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";

/** Confirms what was shown, with a reason and a code. */
export function ConfirmShown({
  fields,
  submitLabel,
  reasonRequired = false,
  back,
  returnPath,
  ...action
}: ConfirmedAction & {
  fields: Readonly<Record<string, string>>;
  submitLabel: string;
  danger?: boolean;
  reasonRequired?: boolean;
  back: string;
  returnPath: string;
}) {
  const router = useRouter();
  return (
    <ProtectedForm
      {...action}
      needsCode
      submitLabel={submitLabel}
      returnPath={returnPath}
      onDone={(outcome) => router.push(outcome.next ?? "/resources")}
      onCancel={() => router.push(back)}
    >
      <HiddenFields of={fields} />
      <TextAreaField label="Justification" name="justification" maxLength={2000} required={reasonRequired} />
    </ProtectedForm>
  );
}
