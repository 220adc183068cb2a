import { pathToFileURL } from "node:url";
import { compiled, compileServer } from "./compile.mjs";
import { takeDatabaseHosts } from "./database-hosts.mjs";
import { errorText } from "./fault.mjs";
import { checkNode, generateClient, install } from "./install.mjs";
import { endRunning } from "./run.mjs";
import { takeSecretFiles } from "./secret-files.mjs";

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
    takeSecretFiles(process.env);
    takeDatabaseHosts(process.env);
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

/**
 * Installs and compiles what is missing, and runs a program that reads its arguments and sets the exit code itself.
 *
 * @param {"doctor" | "keys" | "ownerPass" | "rotate"} name
 * @param {{ readonly faultCode?: number }} [options] The exit code when it cannot even be run.
 */
export async function runProgram(name, { faultCode = 1 } = {}) {
  try {
    checkNode();
    takeSecretFiles(process.env);
    takeDatabaseHosts(process.env);
    await install();
    await generateClient();
    await compileServer();
    await import(pathToFileURL(compiled(name)).href);
  } catch (error) {
    console.error(errorText(error));
    process.exitCode = faultCode;
  }
}
