"use client";

import { useRouter } from "next/navigation";
import { type ConfirmedAction, HiddenFields } from "@/components/ui/forms/action-dialog";
import { TextAreaField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";

/** Confirms a move as it was shown, with a code. */
export function MoveForm({
  fields,
  place,
  back,
  returnPath,
  ...action
}: ConfirmedAction & {
  fields: Readonly<Record<string, string>>;
  place: string;
  back: string;
  returnPath: string;
}) {
  const router = useRouter();
  return (
    <ProtectedForm
      {...action}
      needsCode
      submitLabel={`Move below ${place}`}
      returnPath={returnPath}
      onDone={(outcome) => router.push(outcome.next ?? "/resources")}
      onCancel={() => router.push(back)}
    >
      <HiddenFields of={fields} />
      <TextAreaField label="Justification" name="justification" maxLength={2000} />
    </ProtectedForm>
  );
}
