import { Fragment, Suspense } from "react";
import { passkeyComesNear } from "@/components/ui/forms/ask-passkey";
import { TextField } from "@/components/ui/forms/field";
import type { Described } from "@/components/ui/forms/form-challenge";
import type { LastFactor } from "@/components/ui/forms/last-factor";
import type { factorsFor, OwnFactors, OwnProvider } from "@/components/ui/forms/own-factors";
import { Icon } from "@/components/ui/icon";
import { later } from "@/components/ui/later";
import { Name } from "@/components/ui/name";
import { codeOf, isAppCode } from "@/lib/domain/people/typed-code";

/** Loaded while the server says what a code would confirm. */
const ConfirmedWords = later(() =>
  import("@/components/ui/forms/confirmed-words").then((module) => module.ConfirmedWords),
);

/** The second factors for a step-up, below what they confirm. The sixth digit of a code submits the form. */
export function CodeFields(props: {
  described: Described | null;
  /** Whether the server asked for it; otherwise it was asked for from the start. */
  asked: boolean;
  /** Why the server asked for it; null if the form asked from the start. */
  why: string | null;
  /** The reader's own factors that can prove it. */
  offered: ReturnType<typeof factorsFor>;
  /** The factor that they used last comes first. */
  last: LastFactor;
  pending: boolean;
  onFocus: () => void;
  onPasskey: () => void;
  onProvider: (provider: OwnProvider) => void;
  /** The provider whose window is open, by name. */
  waitingFor: string | null;
}) {
  const { app, passkeys, providers } = props.offered;
  const onFocus = () => {
    ConfirmedWords.comeNear();
    if (passkeys) passkeyComesNear();
    props.onFocus();
  };
  const code = app ? (
    <TextField
      label="Verification code"
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={40}
      hint="Sent automatically once six digits are complete. A recovery code works too."
      onFocus={onFocus}
      onChange={(event) => {
        // Apps show digits in groups, so pasted codes may contain spaces and marks.
        if (isAppCode(codeOf(event.currentTarget.value))) event.currentTarget.form?.requestSubmit();
      }}
    />
  ) : null;
  const passkey = passkeys ? (
    <p>
      <button
        type="button"
        className="button"
        data-passkey
        aria-disabled={props.pending}
        onFocus={onFocus}
        onClick={props.onPasskey}
      >
        <Icon name="key-round" size={15} /> Use a passkey
      </button>
    </p>
  ) : null;
  const provider =
    providers.length > 0 ? (
      <>
        {providers.map((each) => (
          <p key={each.id}>
            <button
              type="button"
              className="button button-named"
              aria-disabled={props.pending}
              onFocus={onFocus}
              onClick={() => props.onProvider(each)}
            >
              <Icon name="shield-check" size={15} />
              <span>
                Confirm with <Name of={each.name} />
              </span>
            </button>
          </p>
        ))}
        {props.waitingFor ? (
          <p role="status" className="text-muted">
            Sign in once more in the window of <Name of={props.waitingFor} />. This form waits and continues
            by itself. If you have closed that window, confirm again to open another.
          </p>
        ) : null}
      </>
    ) : null;
  const general = (
    <p role={props.asked ? "status" : undefined} className="confirmed-line clear-both text-muted">
      {props.why ?? (app ? "The code confirms exactly this, once." : "You confirm exactly this, once.")}
    </p>
  );
  const parts = { app: code, passkey, provider };
  const kinds = ["app", "passkey", "provider"] as const;
  const order = [props.last, ...kinds.filter((kind) => kind !== props.last)];
  return (
    <fieldset className="code-fields">
      <legend className="float-left font-semibold">Verify your identity before proceeding</legend>
      {props.described ? (
        <Suspense fallback={general}>
          <ConfirmedWords of={props.described} />
        </Suspense>
      ) : (
        general
      )}
      {order.map((kind) => (
        <Fragment key={kind}>{parts[kind]}</Fragment>
      ))}
    </fieldset>
  );
}

/** Shown instead to people without an accepted factor: a link to set one up and return. */
export function SetUpFirst(props: {
  returnPath: string;
  own: OwnFactors;
  resistantOnly: boolean;
  onLeave: () => void;
}) {
  const { own, resistantOnly } = props;
  const back = `return=${encodeURIComponent(props.returnPath)}`;
  const unable = (resistantOnly || !own.appsAccepted) && !own.possible;
  return (
    <p className="banner">
      <span className="grow">
        {resistantOnly
          ? "The role settings accept only a phishing-resistant factor here, such as a passkey, and you have none yet."
          : own.appsAccepted
            ? "This requires a second factor, and you have none yet."
            : "This requires a second factor, and you have none that counts yet. Authenticator apps are not accepted here."}
        {unable ? " Passkeys work only if Postern is served over HTTPS." : ""}
      </span>
      {resistantOnly || !own.appsAccepted ? null : (
        <a className="button" href={`/account/security?${back}`} onClick={props.onLeave}>
          Set up authenticator app
        </a>
      )}
      {own.possible ? (
        <a className="button" href={`/account/security/passkey?${back}`} onClick={props.onLeave}>
          Add a passkey
        </a>
      ) : null}
    </p>
  );
}
