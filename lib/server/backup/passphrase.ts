import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import { errorCode } from "@/scripts/parts/fault.mjs";

const setting = "POSTERN_BACKUP_PASSPHRASE_FILE";
const shortest = 12;

/**
 * The passphrase of a backup: the first line of the file that `POSTERN_BACKUP_PASSPHRASE_FILE` names, or what
 * is typed here, twice for a new one. It is never an argument, since other users of the machine can read those.
 */
export async function readPassphrase(
  source: Readonly<Record<string, string | undefined>>,
  { forNew }: { readonly forNew: boolean },
): Promise<string> {
  const path = source[setting];
  const passphrase = path ? fromFile(path) : await typed(forNew);
  if (forNew && [...passphrase].length < shortest)
    throw new BackupRefusal(
      `the passphrase is shorter than ${shortest} characters: anyone who gets the file could guess it`,
    );
  return passphrase;
}

/** Whether a passphrase file is configured. */
export function hasPassphraseFile(source: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(source[setting]);
}

function fromFile(path: string): string {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/, 1)[0] ?? "";
  } catch (error) {
    throw new BackupRefusal(`${path}, which ${setting} names, cannot be read (${errorCode(error)})`);
  }
}

async function typed(twice: boolean): Promise<string> {
  if (!process.stdin.isTTY)
    throw new BackupRefusal(`a passphrase is needed: let ${setting} name a file that holds it`);
  const first = await ask("Passphrase of the backup: ");
  if (twice && (await ask("Repeat it: ")) !== first) throw new BackupRefusal("the two passphrases differ");
  return first;
}

/** Asks without showing what is typed. */
async function ask(question: string): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: hidden, terminal: true });
  // Only from now on the terminal does not show what is typed.
  process.stderr.write(question);
  const stopped = new Promise<never>((_, reject) => {
    terminal.once("SIGINT", () => reject(new BackupRefusal("stopped")));
  });
  try {
    return await Promise.race([terminal.question(""), stopped]);
  } finally {
    terminal.close();
    process.stderr.write("\n");
  }
}
