import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "../../../scripts/parts/root.mjs";

/**
 * Starts the serving process with this environment and nothing else of this process's. Resolves once it can be asked,
 * with a function that ends it and waits; rejects with one line when it cannot. `onGone` hears when it ends by itself.
 */
export function startServer({ environment, development, onGone }) {
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      join(root, "lib", "server", "http", "server.mjs"),
      ...(development ? ["--development"] : []),
    ],
    { cwd: root, env: environment, stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  const ended = new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code));
    child.once("error", (error) => resolve(error.message));
  });
  let stopping = false;
  const stop = async () => {
    stopping = true;
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  };
  return {
    stop,
    ready: new Promise((resolve, reject) => {
      let ready = false;
      child.on("message", (message) => {
        if (message.fault !== undefined) reject(new Error(message.fault));
        if (message.ready) ready = true;
        if (message.ready) resolve();
      });
      ended.then((how) => {
        if (!ready) reject(new Error(`the serving process ended (${how})`));
        else if (!stopping) onGone(`The serving process ended by itself (${how}).`);
      });
    }),
  };
}
