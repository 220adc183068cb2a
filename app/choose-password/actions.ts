"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { choosePassword } from "@/lib/identity/password-ticket";
import { application } from "@/lib/platform/application";
import { fieldsOf } from "@/lib/web/form-fields";
import { requestOrigin } from "@/lib/web/request";

const shape = z.object({
  token: z.string().max(200),
  password: z.string().max(2_000),
  repeated: z.string().max(2_000),
});

export interface ChoosePasswordState {
  readonly message: string | null;
  readonly fieldErrors: Readonly<Record<string, string>>;
}

/** Sets a password of one's own with the token of an invitation or a one-time password, and goes on to sign in. */
export async function setOwnPassword(
  _before: ChoosePasswordState,
  form: FormData,
): Promise<ChoosePasswordState> {
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) return { message: "Choose a shorter password.", fieldErrors: {} };
  const { password, repeated } = parsed.data;
  if (password !== repeated) {
    const message = "The two passwords are not the same.";
    return { message, fieldErrors: { repeated: message } };
  }
  const result = await choosePassword(application().database, parsed.data, await requestOrigin());
  if (!result.ok) return { message: result.message, fieldErrors: { [result.field]: result.message } };
  redirect("/sign-in");
}
