"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { mailAddressField } from "@/lib/domain/people/mail-address";
import { passwordFault } from "@/lib/domain/people/password-rules";
import { nameField } from "@/lib/domain/people/principal";
import { setUpFirstOwner } from "@/lib/identity/set-up";
import { application } from "@/lib/platform/application";
import { fieldErrorsOf, fieldsOf } from "@/lib/web/form-fields";
import { requestOrigin } from "@/lib/web/request";

const shape = z.object({
  token: z.string().min(1).max(200),
  displayName: nameField(200, "Enter your name."),
  email: mailAddressField,
  password: z.string().max(2_000, "Choose a shorter password."),
});

export interface SetUpState {
  readonly message: string | null;
  readonly fieldErrors: Readonly<Record<string, string>>;
  readonly displayName: string;
  readonly email: string;
}

/** Makes the first Owner and goes on to sign in. */
export async function setUp(_before: SetUpState, form: FormData): Promise<SetUpState> {
  const fields = fieldsOf(form);
  const text = (name: string) => String(fields[name] ?? "").slice(0, 2_000);
  const typed = { displayName: text("displayName"), email: text("email") };
  const parsed = shape.safeParse(fields);
  const weak = passwordFault(text("password"), [typed.displayName, typed.email]);
  if (!parsed.success || weak) {
    const fieldErrors = {
      ...(parsed.success ? {} : fieldErrorsOf(parsed.error)),
      ...(weak ? { password: weak } : {}),
    };
    return { ...typed, message: "Check the fields that are marked.", fieldErrors };
  }
  const result = await setUpFirstOwner(application().database, parsed.data, await requestOrigin());
  if (!result.ok) return { ...typed, message: result.message, fieldErrors: {} };
  redirect("/sign-in");
}
