import fc from "fast-check";

/**
 * A request that no page sends. `as`: with the cookies of a stranger, of somebody on the way to a provider, or
 * of a session.
 */
export interface OddRequest {
  readonly as: "stranger" | "traveller" | "person";
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | FormData | undefined;
}

/** Values that such requests may know, so that they get past the first check. */
export interface Known {
  readonly providerId: string;
  /** The address at which somebody came back from the provider, whose state is good once and used. */
  readonly back: URLSearchParams;
  readonly email: string;
  readonly challengeId: string;
  /** Tokens that the provider signed, which say no logout. */
  readonly signed: readonly string[];
  /** The ids of server actions that sign in, enrol, link and confirm, with a page of theirs. */
  readonly actions: readonly { readonly id: string; readonly path: string }[];
}

const wellFormed = (text: string) => Buffer.from(text).toString("utf8");
const odd = fc
  .oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ maxLength: 60 }),
    fc.constantFrom(
      ...["", "\u0000", "\u202e", "'; DROP TABLE sessions; --", "__proto__", "null", "a".repeat(4_000)],
      ...["[]", "{}", "-1", "1e999", "%00", "%c0%ae", "../..", "//evil.example", "javascript:alert(1)"],
      ...["confirm.x", "eyJhbGciOiJub25lIn0.e30.", "00000000-0000-4000-8000-000000000000"],
    ),
  )
  .map(wellFormed);
const query = (names: readonly string[], values: fc.Arbitrary<string>) =>
  fc
    .array(fc.tuple(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...names) }, odd), values), {
      maxLength: 6,
    })
    .map((pairs) => new URLSearchParams(pairs).toString());
/** Text that an HTTP header can hold. */
const inHeader = odd.map((text) => text.replaceAll(/[^\x21-\x7e]/g, "").slice(0, 100));
const base64 = fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes).toString("base64url"));
const webOrigin = "{origin}";

/** What a passkey answers, often almost right. */
const passkey = fc
  .record({
    id: fc.oneof(base64, odd),
    rawId: base64,
    type: fc.oneof(fc.constant("public-key"), odd),
    clientExtensionResults: fc.constant({}),
    response: fc.record({
      authenticatorData: base64,
      clientDataJSON: fc.oneof(
        base64,
        fc
          .tuple(fc.constantFrom("webauthn.get", "webauthn.create"), base64)
          .map(([type, challenge]) =>
            Buffer.from(JSON.stringify({ type, challenge, origin: webOrigin })).toString("base64url"),
          ),
      ),
      signature: base64,
      attestationObject: base64,
      userHandle: fc.oneof(base64, fc.constant(null)),
    }),
  })
  .map((answer) => JSON.stringify(answer));

function requests(known: Known): fc.Arbitrary<OddRequest> {
  const { providerId, back } = known;
  const provider = fc.oneof({ weight: 6, arbitrary: fc.constant(providerId) }, odd.map(encodeURIComponent));
  const as = fc.constantFrom("stranger" as const, "traveller" as const, "person" as const);
  const own = { "sec-fetch-site": "same-origin" };
  const called = (action: string, pairs: fc.Arbitrary<string>, headers: Record<string, string> = own) =>
    fc.tuple(as, provider, pairs).map(([who, id, asked]) => ({
      ...{ as: who, method: "GET", path: `/api/auth/${action}/${id}?${asked}`, headers, body: undefined },
    }));
  const value = fc.oneof(
    odd,
    fc.constantFrom(back.get("code") ?? "", back.get("state") ?? "", back.get("iss") ?? ""),
    fc.constantFrom(known.challengeId, `confirm.${known.challengeId}`),
  );
  const callback = called(
    "callback",
    query(["code", "state", "iss", "error", "id_token", "response"], value),
    {},
  );
  const begun = fc.oneof(
    called("signin", query(["return", "pass", "anew"], odd)),
    called("confirm", query(["challenge", "resistant"], value)),
    called("signout", query(["return"], odd)),
    called("session", query(["callbackUrl"], odd)),
  );
  const token = fc.oneof(
    odd,
    fc.constantFrom(...known.signed),
    fc.tuple(base64, base64, base64).map((parts) => parts.join(".")),
  );
  const form = "application/x-www-form-urlencoded";
  const logout = fc
    .tuple(
      provider,
      fc.oneof(
        { weight: 5, arbitrary: token.map((text) => new URLSearchParams({ logout_token: text }).toString()) },
        odd,
      ),
      fc.oneof(
        { weight: 5, arbitrary: fc.constant(form) },
        fc.constantFrom("text/plain", "application/json", `${form}; charset=utf-16`),
      ),
    )
    .map(([id, body, type]) => ({
      ...{ as: "stranger" as const, method: "POST", path: `/api/auth/back-channel/${id}`, body },
      headers: { "content-type": type },
    }));
  const field = fc.constantFrom(
    ...[
      "email",
      "password",
      "username",
      "code",
      "pass",
      "passkey",
      "registration",
      "name",
      "return",
      "token",
    ],
    ...[
      "challengeId",
      "proofId",
      "confirmed",
      "passkeyId",
      "linkId",
      "providerId",
      "current",
      "step",
      "oldCode",
    ],
  );
  const given = fc.oneof(odd, passkey, fc.constantFrom(known.email, known.challengeId, "123456", "1"));
  const fields = fc.array(fc.tuple(field, given), { maxLength: 8 });
  const action = fc
    .tuple(
      as,
      fc.constantFrom(...known.actions),
      fields,
      fc.constantFrom('["$K1"]', '[{},"$K1"]', "[]", "{", '["$K2"]'),
    )
    .map(([who, { id, path }, pairs, argument]) => {
      const body = new FormData();
      for (const [name, text] of pairs) body.append(`_1_${name}`, text);
      body.append("0", argument);
      return {
        ...{ as: who, method: "POST", path, body },
        headers: { accept: "text/x-component", "next-action": id, origin: webOrigin },
      };
    });
  const posted = fc
    .tuple(
      as,
      fc.constantFrom("/sign-in", "/sign-in/second-factor", "/choose-password", "/account/security/passkey"),
      odd,
      inHeader,
    )
    .map(([who, path, body, type]) => ({
      ...{ as: who, method: "POST", path, body },
      headers: { "content-type": type || "multipart/form-data; boundary=x", origin: webOrigin },
    }));
  const strange = fc
    .tuple(as, fc.constantFrom("PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"), provider, inHeader)
    .map(([who, method, id, header]) => ({
      ...{ as: who, method, path: `/api/auth/callback/${id}`, body: undefined },
      headers: { "x-forwarded-proto": header, referer: header, origin: webOrigin },
    }));
  return fc.oneof(
    { weight: 5, arbitrary: callback },
    { weight: 3, arbitrary: begun },
    { weight: 4, arbitrary: logout },
    { weight: 6, arbitrary: action },
    { weight: 2, arbitrary: posted },
    { weight: 1, arbitrary: strange },
  );
}

/** This many of them, the same for one seed. */
export function* oddRequests(known: Known, count: number, seed: number): Generator<OddRequest> {
  const each = requests(known);
  const atOnce = 500;
  for (let made = 0; made < count; made += atOnce)
    yield* fc.sample(each, { numRuns: Math.min(atOnce, count - made), seed: seed + made });
}
