import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import { readIdentityProviders } from "@/lib/platform/identity-providers";
import { withoutAuthorization } from "@/lib/platform/import-files/import-sources";
import { proxyVariables } from "@/lib/platform/outgoing-proxy";
import type { Prepared } from "@/lib/server/prepare";
import { traceEnvironment } from "@/lib/server/tracing/trace-settings";

type Environment = NodeJS.ProcessEnv;

/** The variables that every program needs, with those that say how connections are secured. None of them is secret. */
const surroundings = [
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "TERM"],
  ...[
    "NODE_ENV",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "UV_THREADPOOL_SIZE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
  ],
  ...["PGSSLMODE", "PGSSLROOTCERT", "NEXT_TELEMETRY_DISABLED", "NO_COLOR", "FORCE_COLOR"],
  // Windows finds nothing without these.
  ...["SystemRoot", "SYSTEMROOT", "windir", "ComSpec", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"],
];

function taken(source: Environment, names: readonly string[]): Partial<Environment> {
  return Object.fromEntries(
    names.flatMap((name) => (source[name] === undefined ? [] : [[name, source[name]]])),
  );
}

/** The mail server's address without user and password, for a process that only shows that there is one. */
function withoutPassword(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return url;
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  return plain.href;
}

/** PostgreSQL's own variables, on which the owner's address may rely if Postern has no logins of its own. */
function ownersVariables(source: Environment, { ownLogins }: Prepared): Partial<Environment> {
  return ownLogins
    ? {}
    : taken(
        source,
        Object.keys(source).filter((name) => name.startsWith("PG")),
      );
}

function shared(source: Environment, prepared: Prepared, development: boolean): Environment {
  return {
    ...taken(source, [...surroundings, ...Object.keys(source).filter((name) => name.startsWith("LC_"))]),
    ...ownersVariables(source, prepared),
    NODE_ENV: development ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    POSTERN_URL: prepared.publicUrl,
    ...taken(source, ["POSTERN_MAIL_FROM", "POSTERN_LOG_LEVEL", "POSTERN_IMPORT_FOLDER", ...proxyVariables]),
    ...traceEnvironment(source),
    ...(source.POSTERN_METRICS_ADDRESS ? { POSTERN_METRICS: "1" } : {}),
  };
}

/** The environment of the serving process: neither the owner's address nor the mail server's password. */
export function serverEnvironment(
  source: Environment,
  prepared: Prepared,
  {
    port,
    processes,
    development,
  }: { readonly port: number; readonly processes: number; readonly development: boolean },
): Environment {
  const smtpUrl = withoutPassword(source.POSTERN_SMTP_URL);
  const importHosts = withoutAuthorization(source.POSTERN_IMPORT_HOSTS);
  return {
    ...shared(source, prepared, development),
    ...taken(source, [
      "POSTERN_DIST_DIR",
      "POSTERN_TRUSTED_PROXIES",
      "POSTERN_IDENTITY_PROVIDERS",
      "POSTERN_DRAIN_SECONDS",
    ]),
    ...(smtpUrl === undefined ? {} : { POSTERN_SMTP_URL: smtpUrl }),
    ...(importHosts === undefined ? {} : { POSTERN_IMPORT_HOSTS: importHosts }),
    // The address to which next-auth lets identity providers send people back.
    NEXTAUTH_URL: prepared.publicUrl,
    PORT: String(port),
    POSTERN_PROCESSES: String(processes),
    DATABASE_URL: prepared.servingUrl,
    POSTERN_LOCAL_HOSTS: prepared.localHosts ? "1" : "0",
    POSTERN_SESSION_SECRET: prepared.sessionSecret,
    ...(prepared.otherSessionSecret ? { POSTERN_OTHER_SESSION_SECRET: prepared.otherSessionSecret } : {}),
    POSTERN_ENCRYPTION_KEYS: prepared.encryptionKeys,
  };
}

/**
 * The environment of the worker, without the owner's address and the session secret. The encryption keys, which
 * only re-encryption needs, come over its channel (lib/server/worker/worker.ts).
 */
export function workerEnvironment(
  source: Environment,
  prepared: Prepared,
  { development }: { readonly development: boolean },
): Environment {
  return {
    ...shared(source, prepared, development),
    ...taken(source, ["POSTERN_SMTP_URL", "POSTERN_IMPORT_HOSTS"]),
    // The alerts count whom a provider confirms, but the worker does not get its client secrets.
    POSTERN_CONFIRMING_ISSUERS: JSON.stringify(
      confirmingIssuers(readIdentityProviders(source.POSTERN_IDENTITY_PROVIDERS)),
    ),
    DATABASE_URL: prepared.workingUrl,
  };
}
