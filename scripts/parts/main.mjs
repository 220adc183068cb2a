import { pathToFileURL } from "node:url";
import { compiled, compileServer } from "./compile.mjs";
import { dataFolder, holdDataFolder } from "./data-folder.mjs";
import { takeDatabaseHosts } from "./database-hosts.mjs";
import { checkNode, generateClient, install } from "./install.mjs";
import { endWithNpm } from "./npm-process.mjs";
import { checkPort, wantedPort } from "./port.mjs";
import { endRunning } from "./run.mjs";
import { takeSecretFiles } from "./secret-files.mjs";

/**
 * Installs and compiles what is missing, then starts Postern until Ctrl-C.
 *
 * @param {{ readonly development: boolean }} options
 */
export async function main({ development }) {
  /** @type {import("../../lib/server/postern").Postern | undefined} */
  let postern;
  let stopping = false;
  /** @param {number} code */
  const stop = async (code) => {
    if (stopping) return;
    stopping = true;
    endRunning();
    await postern?.stop();
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
  endWithNpm(() => stop(0));
  try {
    checkNode();
    process.umask(0o077);
    takeSecretFiles(process.env);
    takeDatabaseHosts(process.env);
    const port = wantedPort();
    const folder = dataFolder();
    if (!process.env.DATABASE_URL) process.once("exit", await holdDataFolder(folder));
    await checkPort(port);
    await install();
    await generateClient();
    await compileServer();
    /** @type {typeof import("../../lib/server/postern")} */
    const { startPostern } = await import(pathToFileURL(compiled("postern")).href);
    if (stopping) return;
    postern = startPostern({
      port,
      folder,
      development,
      onGone(reason) {
        if (!stopping) console.error(reason);
        stop(1);
      },
    });
    await postern.ready;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!stopping) console.error(`Postern could not start: ${message.replaceAll(/\s*\n\s*/g, " ")}`);
    await stop(1);
  }
}
