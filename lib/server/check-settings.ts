import { readConfiguration } from "@/lib/platform/configuration";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { needGivenKeys } from "@/lib/server/database/kept-secrets";

/** What stands for secrets that the data folder holds or the first start makes. */
const madeLater = { secret: "-".repeat(32), keys: `k1:${"0".repeat(64)}` };

/**
 * Throws one line if no process could start with these settings, before anything is changed: above all before a migration,
 * which the replicas that run would have to live with.
 */
export function checkSettings(source: NodeJS.ProcessEnv, folder: string): void {
  const { POSTERN_URL: url, POSTERN_ENCRYPTION_KEYS: keys } = source;
  if (url && (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)))
    throw new Error(`POSTERN_URL is ${url}: set it to the address that people use, with http or https.`);
  if (source.DATABASE_URL) needGivenKeys(folder, keys);
  if (keys) readEncryptionKeys(keys);
  readConfiguration({
    ...source,
    DATABASE_URL: source.DATABASE_URL || "embedded",
    POSTERN_URL: url || "http://localhost",
    POSTERN_SESSION_SECRET: source.POSTERN_SESSION_SECRET || madeLater.secret,
    POSTERN_ENCRYPTION_KEYS: keys || madeLater.keys,
  });
}
