import { PassField, type PassNeeded } from "@/components/people/pass-field";
import { TextField } from "@/components/ui/forms/field";

/** What confirms a first factor, which no other factor can: the password, and a one-time pass where the rules ask for it. */
export function FirstFactorFields({
  email,
  pass,
  then,
  passwordTyped = false,
}: {
  email: string;
  pass: PassNeeded | null;
  /** What follows the password, as a sentence. */
  then: string;
  /** Just before, so that it is not asked for again. */
  passwordTyped?: boolean;
}) {
  if (passwordTyped) return pass ? <PassField bySetUp={pass.bySetUp} /> : null;
  return (
    <>
      {/* Tells password managers which account the password belongs to. */}
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <TextField
        label="Your password"
        name="password"
        type="password"
        autoComplete="current-password"
        hint={`Confirms that it is you. ${then}`}
      />
      {pass ? <PassField bySetUp={pass.bySetUp} /> : null}
    </>
  );
}
