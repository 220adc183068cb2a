import type { CDPSession, Page } from "@playwright/test";

type KeptCredential = Awaited<ReturnType<typeof credentialsOf>>[number];

const credentialsOf = async (session: CDPSession, authenticatorId: string) =>
  (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials;

/** An authenticator of Chromium in one page, that verifies its owner without asking. */
export interface VirtualAuthenticator {
  /** What it stores, including secret keys and counts. */
  credentials(): Promise<KeptCredential[]>;
  /** Puts a credential into it that replaces the one with this id. */
  put(credential: KeptCredential): Promise<void>;
  /** Whether its owner is recognised from now on. */
  recognises(owner: boolean): Promise<void>;
}

export async function virtualAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  return {
    credentials: () => credentialsOf(session, authenticatorId),
    async put(credential) {
      const { credentialId } = credential;
      const kept = await credentialsOf(session, authenticatorId);
      if (kept.some((each) => each.credentialId === credentialId))
        await session.send("WebAuthn.removeCredential", { authenticatorId, credentialId });
      await session.send("WebAuthn.addCredential", { authenticatorId, credential });
    },
    async recognises(owner) {
      await session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: owner });
    },
  };
}

/** How a script in the page, or a page elsewhere, changes the browser's request. */
export interface Meddling {
  /** Does not ask for the person to be verified. */
  readonly unverified?: boolean;
  /** The credential that is asked for instead, as base64url. */
  readonly credential?: string;
  /** The page that has it signed, for its own origin. */
  readonly at?: Page;
}

interface Asked {
  readonly challenge: string;
  readonly credentials: readonly string[];
  readonly userVerification: UserVerificationRequirement;
}

/** Makes the browser sign, and returns the parts of its answer. It runs in a page, so it is self-contained. */
async function sign({ challenge, credentials, userVerification }: Asked) {
  const bytes = (text: string) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const answer = await navigator.credentials.get({
    publicKey: {
      ...{ challenge: bytes(challenge), rpId: "localhost", userVerification },
      allowCredentials: credentials.map((id) => ({ id: bytes(id), type: "public-key" as const })),
    },
  });
  if (!(answer instanceof PublicKeyCredential)) throw new Error("nothing was signed");
  const { response } = answer;
  if (!(response instanceof AuthenticatorAssertionResponse)) throw new Error("nothing was signed");
  const text = (part: ArrayBuffer) => [...new Uint8Array(part)];
  return {
    id: answer.id,
    authenticatorData: text(response.authenticatorData),
    clientDataJSON: text(response.clientDataJSON),
    signature: text(response.signature),
  };
}

/** Changes the page's next request to its browser, and only that one. */
export async function meddle(page: Page, { unverified = false, credential, at }: Meddling): Promise<void> {
  const name = `signElsewhere${Date.now()}`;
  await page.exposeFunction(name, (asked: Asked) => (at ?? page).evaluate(sign, asked));
  await page.evaluate(
    ({ name, unverified, credential }) => {
      const { credentials } = navigator;
      const get = credentials.get.bind(credentials);
      const text = (part: BufferSource) =>
        btoa(String.fromCharCode(...new Uint8Array(part as ArrayBuffer)))
          .replaceAll("+", "-")
          .replaceAll("/", "_")
          .replaceAll("=", "");
      credentials.get = async (options) => {
        credentials.get = get;
        const asked = options?.publicKey;
        if (!asked) return null;
        const signed = await Reflect.get(
          window,
          name,
        )({
          challenge: text(asked.challenge),
          credentials: credential ? [credential] : (asked.allowCredentials ?? []).map(({ id }) => text(id)),
          userVerification: unverified ? "discouraged" : "required",
        });
        const buffer = (part: number[]) => new Uint8Array(part).buffer;
        const parts = ["authenticatorData", "clientDataJSON", "signature"] as const;
        const response = Object.fromEntries(parts.map((part) => [part, buffer(signed[part])]));
        const rawId = Uint8Array.from(
          atob(signed.id.replaceAll("-", "+").replaceAll("_", "/")),
          (each: string) => each.charCodeAt(0),
        ).buffer;
        const made = { id: signed.id, rawId, type: "public-key", response };
        return {
          ...made,
          getClientExtensionResults: () => ({}),
          toJSON: () => made,
        } as unknown as Credential;
      };
    },
    { name, unverified, credential },
  );
}
