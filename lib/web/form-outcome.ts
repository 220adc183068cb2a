import type { PublicKeyCredentialCreationOptionsJSON } from "@simplewebauthn/browser";
import { signedOut } from "@/lib/web/form-sentences";

/** The result of one of several items of a form, in the order of the form. */
export interface ItemOutcome {
  readonly ok: boolean;
  readonly message: string;
  /** What to know of it besides: it is done, and something is not as it should be. */
  readonly notes?: readonly string[];
  /** What can be done about a refusal, each on a page of its own. */
  readonly links?: readonly FormLink[];
}

interface FormLink {
  readonly href: string;
  readonly label: string;
}

/** The result of a submission. Everything in it is public to the caller. */
export type FormOutcome =
  | {
      readonly ok: true;
      /** What was done. Empty if the form itself shows it. */
      readonly message: string;
      readonly items?: readonly ItemOutcome[];
      /** The page of what was created, to open next. */
      readonly next?: string;
      /** Shown once and never again. */
      readonly secret?: { readonly label: string; readonly value: string; readonly hint: string };
      /** The key of a new authenticator app, shown once: as text, as an address, and as an SVG image of the address. */
      readonly key?: { readonly secret: string; readonly uri: string; readonly image: string };
      /** The options with which the browser makes a new passkey. */
      readonly newPasskey?: PublicKeyCredentialCreationOptionsJSON;
    }
  | {
      readonly ok: false;
      readonly message: string;
      readonly items?: readonly ItemOutcome[];
      readonly fieldErrors: Readonly<Record<string, string>>;
      /** The operation requires a second factor. The form shows its field. */
      readonly needsCode: boolean;
      /** A phishing-resistant factor is required. */
      readonly needsResistant: boolean;
      /** The proof of a right code, though something else was wrong. The next submission needs no new code. */
      readonly proofId: string | null;
      readonly signedOut: boolean;
      /** What can be done about it, each on a page of its own. */
      readonly links: readonly FormLink[];
    };

export type Success = Extract<FormOutcome, { ok: true }>;
export type Refused = Extract<FormOutcome, { ok: false }>;

/** The preview of a form with several items: what each would do. */
export type PreviewOutcome =
  | {
      readonly ok: true;
      readonly items: readonly ItemOutcome[];
      readonly needsCode: boolean;
      /** A phishing-resistant factor is required. */
      readonly needsResistant?: boolean;
      /** Fields that name exactly what was previewed. The form sends them instead of its own. */
      readonly fields?: Readonly<Record<string, string>>;
    }
  | Refused;

/** What the browser asks a passkey to sign. */
export interface PasskeyToAsk {
  readonly rpId: string;
  readonly challenge: string;
  /** The ids of the passkeys that may sign it. */
  readonly credentials: readonly string[];
}

/** What a person confirms with a code or a passkey. */
export type PreparedChallenge =
  | {
      readonly ok: true;
      readonly challengeId: string;
      readonly title: string;
      readonly details: readonly { readonly label: string; readonly value: string }[];
      /** What a passkey of the person would sign instead of a code; null if none can be used here. */
      readonly passkey: PasskeyToAsk | null;
    }
  | {
      readonly ok: false;
      readonly message: string;
      /** Why the operation would be refused whatever code is entered. */
      readonly refused?: Refused;
    };

export function refused(message: string, rest: Partial<Omit<Refused, "ok" | "message">> = {}): Refused {
  return {
    ok: false,
    message,
    fieldErrors: {},
    needsCode: false,
    needsResistant: false,
    proofId: null,
    signedOut: false,
    links: [],
    ...rest,
  };
}

export const signedOutOutcome = refused(signedOut, { signedOut: true });
