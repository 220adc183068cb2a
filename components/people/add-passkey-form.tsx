"use client";

import { useRouter } from "next/navigation";
import { FirstFactorFields, type FirstFactorProof } from "@/components/people/first-factor-fields";
import type { PassNeeded } from "@/components/people/pass-field";
import { TextField } from "@/components/ui/forms/field";
import { passkeyFault } from "@/components/ui/forms/passkey-answer";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { longestPasskeyName } from "@/lib/domain/people/passkey";
import { type FormOutcome, type PreparedChallenge, refused } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;

/**
 * Adds a passkey. The person proves their identity with a factor that they have, or with their password if they
 * have none. Then the browser makes the passkey.
 */
export function AddPasskeyForm(props: {
  begin: Submit;
  confirm: Submit;
  /** Requests the challenge of a factor, if one confirms the new passkey. */
  prepare?: (form: FormData) => Promise<PreparedChallenge>;
  hasFactor: boolean;
  /** A first factor may require a one-time pass; null if it does not. */
  pass: PassNeeded | null;
  proof: FirstFactorProof;
  email: string;
  /** The password was typed just before, so it is not requested again. */
  passwordTyped?: boolean;
  next: string;
}) {
  const router = useRouter();
  const add: Submit = async (form) => {
    const begun = await props.begin(form);
    if (!begun.ok || !begun.newPasskey) return begun;
    const made = await makePasskey(begun.newPasskey);
    if (!made.ok) return refused(made.message, { needsCode: props.hasFactor });
    const given = new FormData();
    given.set("name", String(form.get("name") ?? ""));
    given.set("registration", made.registration);
    return props.confirm(given);
  };
  return (
    <ProtectedForm
      submit={add}
      prepare={props.hasFactor ? props.prepare : undefined}
      needsCode={props.hasFactor}
      hasFactor={props.hasFactor}
      submitLabel="Add passkey"
      returnPath="/account/security/passkey"
      onDone={() => {
        router.push(props.next);
        router.refresh();
      }}
      onCancel={props.passwordTyped ? undefined : () => router.push(props.next)}
    >
      <TextField
        label="Name"
        name="name"
        defaultValue="Passkey"
        maxLength={longestPasskeyName}
        hint="So that you recognise it later, such as the device or password manager that keeps it."
      />
      {props.hasFactor ? null : (
        <FirstFactorFields
          email={props.email}
          pass={props.pass}
          proof={props.proof}
          then="Your browser then creates the passkey."
          passwordTyped={props.passwordTyped}
        />
      )}
    </ProtectedForm>
  );
}

type NewPasskey = NonNullable<Extract<FormOutcome, { ok: true }>["newPasskey"]>;

/** Lets the browser make a passkey. Returns its answer in the form that the server reads. */
async function makePasskey(
  options: NewPasskey,
): Promise<{ ok: true; registration: string } | { ok: false; message: string }> {
  const { browserSupportsWebAuthn, startRegistration } = await import("@simplewebauthn/browser");
  if (!browserSupportsWebAuthn())
    return { ok: false, message: "This browser does not support passkeys. Use another browser." };
  try {
    const { id, rawId, type, response } = await startRegistration({ optionsJSON: options });
    const { attestationObject, clientDataJSON, transports = [] } = response;
    const made = { attestationObject, clientDataJSON, transports };
    const registration = JSON.stringify({ id, rawId, type, clientExtensionResults: {}, response: made });
    return { ok: true, registration };
  } catch (error) {
    return { ok: false, message: passkeyFault(error) };
  }
}
