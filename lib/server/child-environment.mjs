/** What any program needs of its surroundings, and what says how connections are secured; none of it is a secret. */
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

function taken(names) {
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

/** The address of the mail server, for who only shows that there is one: without user and password. */
function withoutPassword(url) {
  if (!url || !URL.canParse(url)) return url;
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  return plain.href;
}

/** PostgreSQL's own variables, which the owner's address may lean on where Postern has no logins of its own. */
function ownersVariables({ ownLogins }) {
  return ownLogins ? {} : taken(Object.keys(process.env).filter((name) => name.startsWith("PG")));
}

function shared(prepared, development) {
  return {
    ...taken([...surroundings, ...Object.keys(process.env).filter((name) => name.startsWith("LC_"))]),
    ...ownersVariables(prepared),
    NODE_ENV: development ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    POSTERN_URL: prepared.publicUrl,
    ...taken(["POSTERN_MAIL_FROM"]),
  };
}

/** All that the serving process is started with: neither the owner's address nor the mail server's password. */
export function serverEnvironment(prepared, { port, development }) {
  const smtpUrl = withoutPassword(process.env.POSTERN_SMTP_URL);
  return {
    ...shared(prepared, development),
    ...taken(["POSTERN_DIST_DIR", "POSTERN_TRUSTED_PROXIES"]),
    ...(smtpUrl === undefined ? {} : { POSTERN_SMTP_URL: smtpUrl }),
    PORT: String(port),
    DATABASE_URL: prepared.servingUrl,
    POSTERN_LOCAL_HOSTS: prepared.localHosts ? "1" : "0",
    POSTERN_SESSION_SECRET: prepared.sessionSecret,
    POSTERN_ENCRYPTION_KEYS: prepared.encryptionKeys,
  };
}

/**
 * All that the worker is started with: neither the owner's address nor the session secret. The encryption keys, which
 * only re-encryption needs, come over its channel (lib/server/worker/worker.ts).
 */
export function workerEnvironment(prepared, { development }) {
  return {
    ...shared(prepared, development),
    ...taken(["POSTERN_SMTP_URL"]),
    DATABASE_URL: prepared.workingUrl,
  };
}
