import { type ChildProcess, spawn } from "node:child_process";

/** A command of the product, as npm runs it, with the given database and data folder and no others. */
export interface Command {
  readonly child: ChildProcess;
  /** Resolves with the exit code, null if it was killed, and its whole output. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

export function startCommand(
  script: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  prefix: readonly string[] = [],
): Command {
  const [program = "", ...rest] = [...prefix, process.execPath, `scripts/${script}.mjs`, ...args];
  const nothing = {
    ...{ DATABASE_URL: "", POSTERN_DATA_DIR: "/nonexistent", POSTERN_ENCRYPTION_KEYS: "" },
    ...{ POSTERN_BACKUP_PASSPHRASE_FILE: "" },
  };
  const child = spawn(program, rest, {
    env: { ...process.env, ...nothing, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once("close", (code) => resolve({ code, said }));
  });
  return { child, ended };
}

export const runCommand = (...given: Parameters<typeof startCommand>) => startCommand(...given).ended;
