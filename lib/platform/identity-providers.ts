import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { z } from "zod";

/** An OpenID Connect provider through which people sign in (docs/sign-in.md). */
export interface IdentityProvider {
  /** Part of the address to which the provider sends people back. */
  readonly id: string;
  /** The name that people read. */
  readonly name: string;
  /** The issuer that links name, as the provider's metadata and every ID token must. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clientAuthentication: "client_secret_basic" | "client_secret_post";
  readonly signingAlgorithm: string;
  readonly scopes: readonly string[];
  /** In lower case. Empty: any. */
  readonly allowedDomains: readonly string[];
  /** The claims with a person's name, their address, and their external id in a directory. */
  readonly claims: { readonly name: string; readonly address: string; readonly externalId: string };
  /** Whether the provider itself vouches for every address, and so does not say so with each. */
  readonly addressesAreVerified: boolean;
  readonly unknownPeople: "Refuse" | "CreateWithoutAccess";
  /**
   * The directory, by its id or name, whose external ids this provider uses. They link people at their first
   * sign-in (docs/decisions/link-by-directory.md). Undefined: none.
   */
  readonly linkByDirectory?: string | undefined;
  /** Whether its logout tokens may lack the type `logout+jwt`, as those of older providers do. */
  readonly untypedLogoutTokens: boolean;
  /** How it confirms what requires a second factor; undefined if it confirms nothing. */
  readonly stepUp?: ProviderStepUp | undefined;
}

/** Which of a provider's ways to sign in count as a second factor. */
export interface ProviderStepUp {
  /** All that count, in the order in which they are requested. */
  readonly acrValues: readonly string[];
  /** Those of them that are phishing-resistant. */
  readonly phishingResistant: readonly string[];
  /** The claim of the ID token that names the way: `acr`, or Entra ID's `acrs`. */
  readonly claim: string;
  /** How they are requested: by `acr_values`, or by the parameter `claims` as an essential one. */
  readonly request: "acr_values" | "claims";
}

/** The values that a preset fills in. Whatever the file itself says takes precedence. */
const presets = {
  generic: {},
  entra: {
    // `sub` differs for each application, and provisioning identifies people by `oid`.
    claims: { address: "preferred_username", externalId: "oid" },
    addressesAreVerified: true,
    // Its authentication contexts have their own claim and their own form of request.
    stepUp: { claim: "acrs", request: "claims" },
  },
  google: { issuer: "https://accounts.google.com" },
  okta: {},
  keycloak: {},
  gitlab: { issuer: "https://gitlab.com" },
} as const;

interface Filled {
  readonly issuer?: string;
  readonly claims?: { readonly address?: string; readonly externalId?: string };
  readonly addressesAreVerified?: boolean;
  readonly stepUp?: Pick<ProviderStepUp, "claim" | "request">;
}

/** Names of this machine. The demo's and the tests' providers there may use http. */
const ownMachine = new Set(["localhost", "127.0.0.1", "[::1]"]);

const issuer = z
  .string()
  .max(500)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname, search, hash, username } = new URL(text);
    const secure = protocol === "https:" || (protocol === "http:" && ownMachine.has(hostname));
    return secure && search === "" && hash === "" && username === "";
  }, "must be an https address, as the provider's metadata says it");
const text = z.string().trim().min(1);
const claim = z.string().regex(/^[\w.:/-]{1,100}$/, "must be the name of a claim");

/** Without spaces, which separate several values in a request. */
const acr = z.string().regex(/^[\x21-\x7e]{1,200}$/, "must be a value of acr, without spaces");

const fields = z.strictObject({
  preset: z.enum(["generic", "entra", "google", "okta", "keycloak", "gitlab"]).default("generic"),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, "must be 1 to 31 small letters, digits and hyphens"),
  name: text.max(60),
  issuer: issuer.optional(),
  tenantId: z.guid("must be the tenant's id, in Entra's overview").optional(),
  clientId: text.max(500),
  clientSecret: text.max(4_000).optional(),
  clientSecretFile: text.optional(),
  clientAuthentication: z.enum(["client_secret_basic", "client_secret_post"]).default("client_secret_basic"),
  signingAlgorithm: z
    .enum(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"])
    .default("RS256"),
  scopes: z
    .array(z.string().regex(/^[\w.:/-]{1,100}$/))
    .max(20)
    .default(["openid", "profile", "email"]),
  allowedDomains: z
    .array(
      z
        .string()
        .toLowerCase()
        .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "must be a domain, such as contoso.com"),
    )
    .max(100)
    .default([]),
  claims: z
    .strictObject({ name: claim.optional(), address: claim.optional(), externalId: claim.optional() })
    .default({}),
  addressesAreVerified: z.boolean().optional(),
  unknownPeople: z.enum(["Refuse", "CreateWithoutAccess"]).default("Refuse"),
  linkByDirectory: text.max(200).optional(),
  untypedLogoutTokens: z.boolean().default(false),
  stepUp: z
    .strictObject({
      acrValues: z.array(acr).min(1).max(10),
      phishingResistant: z.array(acr).max(10).default([]),
      claim: claim.optional(),
      request: z.enum(["acr_values", "claims"]).optional(),
    })
    .refine(
      ({ acrValues, phishingResistant }) => phishingResistant.every((each) => acrValues.includes(each)),
      "phishingResistant may name only what acrValues names",
    )
    .optional(),
});

const setting = "POSTERN_IDENTITY_PROVIDERS";

function fault(message: string): Error {
  return new Error(`Configuration: ${setting}: ${message}`);
}

/** Reads a file, or says in one line that it cannot. */
function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw fault(`${path} cannot be read.`);
  }
}

/** A provider of the file, completed by its preset. Throws one line that names what is missing. */
function complete(given: z.infer<typeof fields>, folder: string): IdentityProvider {
  const { preset, tenantId, clientSecretFile, claims, stepUp, ...rest } = given;
  const filled: Filled = presets[preset];
  const entra =
    preset === "entra" && tenantId ? `https://login.microsoftonline.com/${tenantId}/v2.0` : undefined;
  const known = rest.issuer ?? entra ?? filled.issuer;
  if (known === undefined)
    throw fault(`${given.id}: give its ${preset === "entra" ? "tenantId" : "issuer"}.`);
  if ((given.clientSecret === undefined) === (clientSecretFile === undefined))
    throw fault(`${given.id}: give either clientSecret or clientSecretFile.`);
  const clientSecret =
    given.clientSecret ?? fileText(resolve(folder, clientSecretFile ?? "")).replace(/\r?\n$/, "");
  if (clientSecret === "") throw fault(`${given.id}: its client secret is empty.`);
  if (!given.scopes.includes("openid")) throw fault(`${given.id}: scopes must include openid.`);
  return {
    ...rest,
    issuer: known,
    clientSecret,
    claims: {
      name: claims.name ?? "name",
      address: claims.address ?? filled.claims?.address ?? "email",
      externalId: claims.externalId ?? filled.claims?.externalId ?? "sub",
    },
    addressesAreVerified: given.addressesAreVerified ?? filled.addressesAreVerified ?? false,
    stepUp: stepUp && {
      ...stepUp,
      claim: stepUp.claim ?? filled.stepUp?.claim ?? "acr",
      request: stepUp.request ?? filled.stepUp?.request ?? "acr_values",
    },
  };
}

/**
 * The identity providers of the file that POSTERN_IDENTITY_PROVIDERS names; none without it. Throws one line that says
 * what is wrong.
 */
export function readIdentityProviders(path: string | undefined): readonly IdentityProvider[] {
  if (!path) return [];
  let content: unknown;
  try {
    content = JSON.parse(fileText(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw fault(`${path} is not JSON.`);
    throw error;
  }
  const parsed = z.array(fields).max(20).safeParse(content);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || path}: ${issue.message}`);
    throw fault(faults.join("; "));
  }
  const providers = parsed.data.map((given) => complete(given, dirname(path)));
  for (const name of ["id", "issuer", "name"] as const)
    if (new Set(providers.map((each) => each[name])).size < providers.length)
      throw fault(`two providers have the same ${name}.`);
  const directories = providers.flatMap(({ linkByDirectory }) => linkByDirectory?.toLowerCase() ?? []);
  if (new Set(directories).size < directories.length)
    throw fault("two providers have the same linkByDirectory. A directory's external ids are those of one.");
  return providers;
}
