import { ConfirmedWords } from "@/components/ui/forms/confirmed-words";
import { TextField } from "@/components/ui/forms/field";
import type { Described } from "@/components/ui/forms/form-challenge";
import { codeOf, isAppCode } from "@/lib/domain/people/typed-code";

/** The code for a step-up, below what it confirms. The sixth digit submits the form. */
export function CodeFields(props: {
  described: Described | null;
  /** Why the server asked for the code; null if it was asked for from the start. */
  why: string | null;
  onFocus: () => void;
}) {
  return (
    <fieldset className="code-fields">
      <legend className="float-left font-semibold">Verify your identity before proceeding</legend>
      {props.described ? (
        <ConfirmedWords of={props.described} />
      ) : (
        <p role={props.why ? "status" : undefined} className="confirmed-line clear-both text-muted">
          {props.why ?? "The code confirms exactly what is entered above, once."}
        </p>
      )}
      <TextField
        label="Verification code"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={40}
        hint="Sends itself when six digits are complete. Or a recovery code."
        onFocus={props.onFocus}
        onChange={(event) => {
          // Apps show digits in groups, so pasted codes may hold spaces and marks.
          if (isAppCode(codeOf(event.currentTarget.value))) event.currentTarget.form?.requestSubmit();
        }}
      />
    </fieldset>
  );
}

/** Shown instead of the code to people without an authenticator app: the way to set one up and return. */
export function SetUpFirst(props: { returnPath: string; onLeave: () => void }) {
  return (
    <p className="banner">
      <span className="grow">This asks for a second factor, and you have no authenticator app yet.</span>
      <a
        className="button"
        href={`/account/security?return=${encodeURIComponent(props.returnPath)}`}
        onClick={props.onLeave}
      >
        Set up authenticator app
      </a>
    </p>
  );
}
