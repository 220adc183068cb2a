import { openDatabase } from "@/lib/platform/database";
import { DatabaseClient } from "@/lib/platform/database-client";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { checkKeys, knowsKeys } from "@/lib/server/database/encryption-keys";
import { installationOf } from "@/lib/server/database/installation";
import { finishKey, rotateKeptKey, sayHowToRotateKey } from "@/lib/server/rotate/encryption-key";
import {
  finishKeptSession,
  rotateKeptSession,
  sayHowToRotateSession,
} from "@/lib/server/rotate/session-secret";

const usage = [
  "npm run rotate -- session-secret              changes what session cookies are sealed with, or tells how",
  "npm run rotate -- session-secret --finish     removes the former one, once no open session needs it",
  "npm run rotate -- encryption-key              adds a key for secrets at rest, or tells how",
  "npm run rotate -- encryption-key --finish     re-encrypts with it what is under others, and lets those go",
  "",
  "What connects others, and is changed elsewhere (docs/production.md, Change secrets):",
  "  token of a directory      Directories, Replace token. Only its hash is stored",
  "  secret of a provider      the file of POSTERN_IDENTITY_PROVIDERS, then restart. It is not stored",
  "  mail server's password    POSTERN_SMTP_URL, then restart. It is not stored",
  "  token of a collector      OTEL_EXPORTER_OTLP_HEADERS, then restart. It is not stored",
  "  database's password       ALTER ROLE, DATABASE_URL, then restart all at once",
  "  passphrase of backups     the next backup takes another; older ones keep theirs",
];

// npm run rotate: changes secrets while people work. Secrets in the data folder are changed here. For secrets
// from the environment it prints the steps, since no program can change every replica's.
async function main(): Promise<string[]> {
  const [what, ...flags] = process.argv.slice(2);
  const known = new Set(what === "session-secret" ? ["--finish", "--sign-out"] : ["--finish"]);
  const strange = flags.filter((flag) => !known.has(flag));
  if ((what !== "session-secret" && what !== "encryption-key") || strange.length > 0) {
    if (what !== undefined || strange.length > 0) process.exitCode = 1;
    return usage;
  }
  const finish = flags.includes("--finish");
  const installation = installationOf(process.env);
  const kept = !(what === "session-secret"
    ? process.env.POSTERN_SESSION_SECRET
    : process.env.POSTERN_ENCRYPTION_KEYS);
  const url = installation.databaseUrl();
  const owner = new DatabaseClient({ connectionString: url });
  await owner.connect();
  try {
    if (what === "session-secret") {
      if (finish && kept) return await finishKeptSession(installation, owner, flags.includes("--sign-out"));
      return kept && !finish ? rotateKeptSession(installation) : await sayHowToRotateSession(owner);
    }
    const text = installation.encryptionKeys();
    const keys = readEncryptionKeys(text);
    // Replicas without the new key could no longer check codes.
    if (finish && !(await knowsKeys(owner, keys.slice(0, 1))))
      throw new Error("No start has used the new key yet: restart Postern first, on every replica.");
    await checkKeys(owner, keys);
    if (!finish) return kept ? rotateKeptKey(installation) : sayHowToRotateKey(text);
  } finally {
    await owner.end();
  }
  const database = openDatabase({ url, maximumConnections: 2 });
  try {
    return await finishKey(installation, database, kept);
  } finally {
    await database.close();
  }
}

try {
  console.log((await main()).join("\n"));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
