import { z } from "zod";
import type { MailSettings } from "@/lib/platform/mail";

const key = z.string().regex(/^[A-Za-z0-9_-]{1,32}:[0-9a-f]{64}$/, "must be name:64 hexadecimal digits");

/** A setting that is not there when it is empty. */
const setting = (shape: z.ZodType<string>) =>
  z.preprocess((value) => (value === "" ? undefined : value), shape.optional());

const environment = z.object({
  DATABASE_URL: z.string().min(1),
  POSTERN_URL: z.url({ protocol: /^https?$/ }),
  POSTERN_SESSION_SECRET: z.string().min(32),
  POSTERN_ENCRYPTION_KEYS: z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(key).min(1)),
  POSTERN_SMTP_URL: setting(z.url({ protocol: /^smtps?$/, error: "must begin with smtp:// or smtps://" })),
  POSTERN_MAIL_FROM: setting(z.string().regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, "must be an email address")),
});

/** What the environment says, checked. The only place that reads `process.env` in the application. */
export interface Configuration {
  readonly databaseUrl: string;
  /** Where people reach Postern, without a trailing slash. https here makes cookies Secure and sends HSTS. */
  readonly publicUrl: string;
  readonly servedOverHttps: boolean;
  readonly sessionSecret: string;
  /** AES-256-GCM keys for secrets at rest; the first encrypts, all decrypt. */
  readonly encryptionKeys: readonly { readonly id: string; readonly key: Buffer }[];
  /** Null: no mail is sent, and none is kept to be sent. */
  readonly mail: MailSettings | null;
}

/** Reads and checks the configuration. Throws one line that names every setting that is missing or wrong. */
export function readConfiguration(source: NodeJS.ProcessEnv = process.env): Configuration {
  const parsed = environment.safeParse(source);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`Configuration: ${faults.join("; ")}`);
  }
  const { DATABASE_URL, POSTERN_URL, POSTERN_SESSION_SECRET, POSTERN_ENCRYPTION_KEYS } = parsed.data;
  const { POSTERN_SMTP_URL: smtpUrl, POSTERN_MAIL_FROM: from } = parsed.data;
  if ((smtpUrl === undefined) !== (from === undefined))
    throw new Error(
      "Configuration: POSTERN_SMTP_URL and POSTERN_MAIL_FROM go together; set both or neither.",
    );
  return {
    databaseUrl: DATABASE_URL,
    publicUrl: POSTERN_URL.replace(/\/+$/, ""),
    servedOverHttps: POSTERN_URL.startsWith("https:"),
    sessionSecret: POSTERN_SESSION_SECRET,
    encryptionKeys: POSTERN_ENCRYPTION_KEYS.map((text) => {
      const [id = "", hexadecimal = ""] = text.split(":");
      return { id, key: Buffer.from(hexadecimal, "hex") };
    }),
    mail: smtpUrl !== undefined && from !== undefined ? { smtpUrl, from } : null,
  };
}
