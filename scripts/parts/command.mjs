import { pathToFileURL } from "node:url";
import { compiled, compileServer } from "./compile.mjs";
import { errorText } from "./fault.mjs";
import { checkNode, generateClient, install } from "./install.mjs";
import { endRunning } from "./run.mjs";

/**
 * Installs and compiles what is missing, as a start does, and runs a command with this process's arguments until it is done
 * or Ctrl-C.
 *
 * @param {"backup" | "restore"} name
 */
export async function runCommand(name) {
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => {
      endRunning();
      stopped.abort(new Error("stopped"));
    });
  try {
    checkNode();
    process.umask(0o077);
    await install();
    await generateClient();
    await compileServer();
    stopped.signal.throwIfAborted();
    /** @type {{ run(args: readonly string[], stopped: AbortSignal): Promise<void> }} */
    const command = await import(pathToFileURL(compiled(name)).href);
    await command.run(process.argv.slice(2), stopped.signal);
  } catch (error) {
    const why = stopped.signal.aborted ? "stopped, and nothing is left of it" : errorText(error);
    console.error(`npm run ${name}: ${why.replaceAll(/\s*\n\s*/g, " ")}`);
    process.exitCode = 1;
  }
}
