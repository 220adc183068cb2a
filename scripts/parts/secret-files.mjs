import { readFileSync } from "node:fs";
import { errorCode } from "./fault.mjs";

/** The settings that may stand in a file, which a variable of the same name with _FILE names. */
const secret = [
  ...["DATABASE_URL", "POSTERN_SESSION_SECRET", "POSTERN_OTHER_SESSION_SECRET"],
  ...["POSTERN_ENCRYPTION_KEYS", "POSTERN_SMTP_URL", "OTEL_EXPORTER_OTLP_HEADERS"],
  "POSTERN_IMPORT_HOSTS",
];

/**
 * @param {string} setting
 * @param {string} path
 */
function lineOf(setting, path) {
  let text;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    throw new Error(`${setting} names ${path}, which cannot be read (${errorCode(error)}).`);
  }
  if (text === "") throw new Error(`${setting} names ${path}, which is empty.`);
  if (/[\r\n]/.test(text)) throw new Error(`${setting} names ${path}, which has more than one line.`);
  return text;
}

/**
 * Puts the content of the files that *_FILE variables name where the variables themselves would be. Throws one line, which
 * tells nothing of a secret, if a file cannot be used or a setting is given both ways.
 *
 * @param {Record<string, string | undefined>} environment Changed in place.
 */
export function takeSecretFiles(environment) {
  for (const name of secret) {
    const setting = `${name}_FILE`;
    const path = environment[setting];
    if (!path) continue;
    if (environment[name]) throw new Error(`${name} and ${setting} are both set: set one of them.`);
    environment[name] = lineOf(setting, path);
    delete environment[setting];
  }
}
