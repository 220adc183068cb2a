"use client";

import { useEffect, useRef, useState } from "react";
import { CodesForm } from "@/components/people/factor-forms";
import { TextField } from "@/components/ui/field";
import { ProtectedForm } from "@/components/ui/protected-form";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type NewKey = NonNullable<Extract<FormOutcome, { ok: true }>["key"]>;

const nothingToPrepare = async () => ({ ok: false as const, message: "" });

/**
 * Sets up an authenticator app in two steps: prove your identity with the current app or the password, then confirm the
 * new key. Only this form keeps the key. Leaving the page starts again.
 */
export function EnrolForm(props: {
  begin: (form: FormData) => Promise<FormOutcome>;
  confirm: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
  hasFactor: boolean;
  email: string;
  next: string;
}) {
  const [key, setKey] = useState<NewKey | null>(null);
  const step = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (key !== null) step.current?.focus({ preventScroll: true });
  }, [key]);
  if (key === null) {
    return (
      <ProtectedForm
        submit={props.begin}
        prepare={props.hasFactor ? props.prepare : nothingToPrepare}
        needsCode={props.hasFactor}
        hasFactor={props.hasFactor}
        submitLabel="Continue"
        returnPath="/account/security#enrol"
        onDone={(outcome) => setKey(outcome.key ?? null)}
      >
        {props.hasFactor ? null : (
          <>
            {/* Tells password managers which account the password belongs to. */}
            <input type="hidden" name="username" autoComplete="username" value={props.email} readOnly />
            <TextField
              label="Your password"
              name="password"
              type="password"
              autoComplete="current-password"
              hint="Confirms that it is you."
            />
          </>
        )}
      </ProtectedForm>
    );
  }
  return (
    <div className="grid gap-4">
      {/* The button that had the focus is gone, so focus moves here and the content is read out. */}
      <p tabIndex={-1} ref={step} className="outline-none">
        Scan this with an authenticator app, or type the key. Then enter the code that the app shows. The key
        is valid for ten minutes and is not shown again.
      </p>
      {/* The image is embedded as data, so that nothing in it can run. */}
      <img
        alt="QR code of the key below"
        width={180}
        height={180}
        className="rounded-md bg-white"
        src={`data:image/svg+xml;base64,${btoa(key.image)}`}
      />
      <a className="button hidden justify-self-start pointer-coarse:inline-flex" href={key.uri}>
        Open in an authenticator app on this device
      </a>
      <p>
        Key: <code>{key.secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
      <CodesForm
        submit={props.confirm}
        prepare={nothingToPrepare}
        hasFactor={false}
        submitLabel="Confirm"
        next={props.next}
        onCancel={() => setKey(null)}
        cancelLabel="Start again"
      >
        <TextField
          label={props.hasFactor ? "Code of the new app" : "Verification code"}
          name="newCode"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={40}
          hint="The six digits that the new app shows now."
        />
      </CodesForm>
    </div>
  );
}
