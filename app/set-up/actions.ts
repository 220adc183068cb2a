"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { mailAddressField } from "@/lib/domain/people/mail-address-field";
import { nameField } from "@/lib/domain/people/principal";
import { limits } from "@/lib/domain/text/limits";
import { setUpFirstOwner } from "@/lib/identity/sign-in/set-up";
import { strangerAction } from "@/lib/web/actions/stranger-action";
import { typedPassword } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

export interface SetUpState {
  readonly message: string | null;
  readonly fieldErrors: Readonly<Record<string, string>>;
  readonly displayName: string;
  readonly email: string;
}

/** The typed fields that the form shows again. Never the password. */
function typedOf(fields: Readonly<Record<string, unknown>>) {
  const text = (name: string) => String(fields[name] ?? "").slice(0, 2_000);
  return { displayName: text("displayName"), email: text("email") };
}

/** Creates the first Owner, then opens the sign-in page. */
export const setUp = strangerAction({
  shape: z.object({
    token: z.string().min(1).max(200),
    displayName: nameField(limits.displayName, "Enter your name."),
    email: mailAddressField,
    password: typedPassword,
  }),
  misread(fieldErrors, fields): SetUpState {
    const typed = typedOf(fields);
    return { ...typed, message: sentences.checkFields, fieldErrors };
  },
  async run({ database, origin }, fields): Promise<SetUpState> {
    const typed = typedOf(fields);
    const result = await setUpFirstOwner(database, fields, origin);
    if (!result.ok && result.field)
      return { ...typed, message: sentences.checkFields, fieldErrors: { [result.field]: result.message } };
    if (!result.ok) return { ...typed, message: result.message, fieldErrors: {} };
    redirect("/sign-in");
  },
});
