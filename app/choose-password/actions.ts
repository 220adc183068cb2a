"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { choosePassword } from "@/lib/identity/passwords/password-ticket";
import { strangerAction } from "@/lib/web/actions/stranger-action";
import { typedPassword } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

export interface ChoosePasswordState {
  readonly message: string | null;
  readonly fieldErrors: Readonly<Record<string, string>>;
}

/** Sets the password with the token of an invitation or of a one-time password, then opens the sign-in page. */
export const setOwnPassword = strangerAction({
  shape: z.object({ token: z.string().max(200), password: typedPassword, repeated: typedPassword }),
  misread: (fieldErrors): ChoosePasswordState => ({ message: sentences.checkFields, fieldErrors }),
  async run({ database, origin }, fields): Promise<ChoosePasswordState> {
    if (fields.password !== fields.repeated) {
      const message = "The two passwords are not the same.";
      return { message, fieldErrors: { repeated: message } };
    }
    const result = await choosePassword(database, fields, origin);
    if (!result.ok) return { message: result.message, fieldErrors: { [result.field]: result.message } };
    redirect("/sign-in");
  },
});
