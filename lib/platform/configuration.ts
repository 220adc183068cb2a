import { z } from "zod";
import { type EncryptionKeys, parsedKeys } from "@/lib/platform/encryption-keys";
import { type IdentityProvider, readIdentityProviders } from "@/lib/platform/identity-providers";
import { type ImportSources, readImportSources } from "@/lib/platform/import-files/import-sources";
import type { MailSettings } from "@/lib/platform/mail";
import { proxyFor } from "@/lib/platform/outgoing-proxy";

/** An empty setting counts as absent. */
const setting = (shape: z.ZodType<string>) =>
  z.preprocess((value) => (value === "" ? undefined : value), shape.optional());

const encryptionKeys = z.string().transform((text, context): EncryptionKeys => {
  const keys = parsedKeys(text);
  if (typeof keys !== "string") return keys;
  context.addIssue(keys);
  return z.NEVER;
});

const workersEnvironment = z.object({
  DATABASE_URL: z.string().min(1),
  POSTERN_URL: z.url({ protocol: /^https?$/ }),
  POSTERN_SMTP_URL: setting(
    z.url({ protocol: /^smtps?$/, hostname: /./, error: "must begin with smtp:// or smtps://" }),
  ),
  POSTERN_MAIL_FROM: setting(z.string().regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, "must be an email address")),
});

const sessionSecret = z.string().min(32, "must have 32 characters or more");

const environment = workersEnvironment.extend({
  POSTERN_SESSION_SECRET: sessionSecret,
  POSTERN_OTHER_SESSION_SECRET: setting(sessionSecret),
  POSTERN_ENCRYPTION_KEYS: encryptionKeys,
});

/**
 * The secrets with which session cookies are sealed and signed. The first seals, all open. While one is being
 * changed, replicas with either order can serve side by side (docs/decisions/session-secrets.md).
 */
export type SessionSecrets = readonly [string, ...string[]];

/** The worker's checked environment. It contains neither the session secret nor the encryption keys. */
export interface WorkerConfiguration {
  readonly databaseUrl: string;
  /** The address of Postern, without a trailing slash. https makes cookies Secure and sends HSTS. */
  readonly publicUrl: string;
  /** Null: no mail is sent or queued. */
  readonly mail: MailSettings | null;
  /** What scheduled imports may read. */
  readonly importSources: ImportSources;
}

/** The checked environment. The only place in the application that reads `process.env`. */
export interface Configuration extends WorkerConfiguration {
  readonly servedOverHttps: boolean;
  readonly sessionSecrets: SessionSecrets;
  readonly encryptionKeys: EncryptionKeys;
  /** The providers through which people may sign in besides a password. */
  readonly identityProviders: readonly IdentityProvider[];
}

type Settings = Readonly<Record<string, string | undefined>>;

/** Reads and checks the configuration. Throws one line that names every setting that is missing or wrong. */
export function readConfiguration(source: Settings = process.env): Configuration {
  const given = checked(environment, source);
  return {
    ...shared(given, source),
    servedOverHttps: given.POSTERN_URL.startsWith("https:"),
    sessionSecrets: [
      given.POSTERN_SESSION_SECRET,
      ...(given.POSTERN_OTHER_SESSION_SECRET ? [given.POSTERN_OTHER_SESSION_SECRET] : []),
    ],
    encryptionKeys: given.POSTERN_ENCRYPTION_KEYS,
    identityProviders: readIdentityProviders(source.POSTERN_IDENTITY_PROVIDERS),
  };
}

/** How many processes serve together with this one. Limits apply to all of them together. */
export function servingProcesses(source: NodeJS.ProcessEnv = process.env): number {
  return Math.max(1, Number(source.POSTERN_PROCESSES) || 1);
}

/** The proxy of this environment through which an address is requested; null: directly. */
export function outgoingProxy(address: URL, source: NodeJS.ProcessEnv = process.env): URL | null {
  return proxyFor(address, source);
}

/** Reads and checks the worker's configuration. Throws like `readConfiguration`. */
export function readWorkerConfiguration(source: NodeJS.ProcessEnv = process.env): WorkerConfiguration {
  return shared(checked(workersEnvironment, source), source);
}

/** The issuers of the identity providers that confirm operations, as the server's process passes them to the worker. */
export function readConfirmingIssuers(source: Settings = process.env) {
  const issuers = z.array(z.string()).default([]);
  const shape = z.object({ any: issuers, phishingResistant: issuers });
  return shape.parse(JSON.parse(source.POSTERN_CONFIRMING_ISSUERS ?? "{}"));
}

function checked<Shape extends z.ZodType>(shape: Shape, source: Settings): z.infer<Shape> {
  const parsed = shape.safeParse(source);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`Configuration: ${faults.join("; ")}`);
}

function shared(given: z.infer<typeof workersEnvironment>, source: Settings): WorkerConfiguration {
  const { POSTERN_SMTP_URL: smtpUrl, POSTERN_MAIL_FROM: from } = given;
  if ((smtpUrl === undefined) !== (from === undefined))
    throw new Error(
      "Configuration: POSTERN_SMTP_URL and POSTERN_MAIL_FROM go together; set both or neither.",
    );
  return {
    databaseUrl: given.DATABASE_URL,
    publicUrl: given.POSTERN_URL.replace(/\/+$/, ""),
    mail: smtpUrl !== undefined && from !== undefined ? { smtpUrl, from, ...proxied(smtpUrl, source) } : null,
    importSources: readImportSources(source),
  };
}

/** The proxy on the way to the mail server. */
function proxied(smtpUrl: string, source: Settings): { proxy?: URL } {
  const proxy = proxyFor(new URL(smtpUrl), source);
  return proxy === null ? {} : { proxy };
}
