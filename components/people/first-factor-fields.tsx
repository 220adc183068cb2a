import { PassField, type PassNeeded } from "@/components/people/pass-field";
import { TextField } from "@/components/ui/forms/field";

/** How somebody without a factor proves who they are: a password, a sign-in through a provider just now, or nothing yet. */
export type FirstFactorProof = "Password" | "Provider" | "None";

/**
 * What confirms a first factor, since no other factor can: the password, or a fresh sign-in through a provider
 * for people who have none, and a one-time pass if the rules require it.
 */
export function FirstFactorFields({
  email,
  pass,
  proof,
  then,
  passwordTyped = false,
}: {
  email: string;
  pass: PassNeeded | null;
  proof: FirstFactorProof;
  /** What follows the password, as a sentence. */
  then: string;
  /** Typed just before, so that it is not requested again. */
  passwordTyped?: boolean;
}) {
  if (passwordTyped) return pass ? <PassField {...pass} /> : null;
  return (
    <>
      {/* Tells password managers which account the password belongs to. */}
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      {proof === "Password" ? (
        <TextField
          label="Your password"
          name="password"
          type="password"
          autoComplete="current-password"
          hint={`Confirms that it is you. ${then}`}
        />
      ) : (
        <p className={proof === "None" ? "banner" : "text-muted"}>
          {proof === "None"
            ? "You have no password here. Sign out and sign in again through your identity provider, then come back within 15 minutes."
            : `You have just signed in through your identity provider, which confirms that it is you. ${then}`}
        </p>
      )}
      {pass ? <PassField {...pass} /> : null}
    </>
  );
}
