import { z } from "zod";
import { invitationDays, oneTimePasswordDays } from "@/lib/domain/people/principal";
import { makeOneTimePassword, makeToken } from "@/lib/identity/passwords/password-ticket";
import type { NewSignIn } from "@/lib/operations/people/issue-sign-in";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";

export const signInKind = z.enum(["OneTimePassword", "Invitation"]);

/** Makes a new sign-in: what is stored, and what is shown once. Throws `Busy` when too many people are waiting for one. */
export async function makeSignIn(maker: Caller, kind: z.infer<typeof signInKind>) {
  if (kind === "OneTimePassword") {
    const { password, passwordHash } = await makeOneTimePassword(maker);
    const hint = `Valid for ${oneTimePasswordDays} days. They choose their own password at the first sign-in. Copy it now and hand it over safely: it is not shown again.`;
    const signIn: NewSignIn = { kind, passwordHash };
    return { signIn, secret: { label: "One-time password", value: password, hint } };
  }
  const { token, tokenHash } = makeToken();
  const value = `${application().configuration.publicUrl}/choose-password?token=${token}`;
  const hint = `Valid once, within ${invitationDays} days, to choose a password. Copy it now and hand it over safely: it is not shown again.`;
  const signIn: NewSignIn = { kind, tokenHash };
  return { signIn, secret: { label: "Invitation link", value, hint } };
}
