import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serverEnvironment, workerEnvironment } from "../../lib/server/child-environment.mjs";
import { trustedProxiesOf } from "../../lib/server/http/client-address.mjs";
import { startServer } from "../../lib/server/http/server-process.mjs";
import { prepare } from "../../lib/server/prepare.mjs";
import { startWorkerProcess } from "../../lib/server/worker/worker-process.mjs";
import { endWithNpm } from "./npm-process.mjs";
import { wantedPort } from "./port.mjs";
import { endRunning } from "./run.mjs";

/**
 * Prepares and builds, then serves and works, each in a process of its own, until Ctrl-C; ends the database after
 * everything else. Only this process knows the address of the database's owner.
 */
export async function main({ development }) {
  let cluster;
  let server;
  let stopWorker;
  let stopping = false;
  const stop = async (code) => {
    if (stopping) return;
    stopping = true;
    endRunning();
    await Promise.all([server?.stop(), stopWorker?.()]);
    await cluster?.stop();
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
  endWithNpm(() => stop(0));
  try {
    const port = wantedPort();
    trustedProxiesOf(process.env.POSTERN_TRUSTED_PROXIES);
    const works = process.env.POSTERN_WORKER !== "0";
    const onGone = (reason) => {
      if (!stopping) console.error(reason);
      stop(1);
    };
    const onCluster = (started) => {
      cluster = started;
    };
    const prepared = await prepare({ port, works, onCluster, onGone });
    if (!development) {
      const { build } = await import("./build.mjs");
      await build();
    }
    if (stopping) return;
    server = startServer({
      environment: serverEnvironment(prepared, { port, development }),
      development,
      onGone,
    });
    await server.ready;
    if (stopping) return;
    const environment = workerEnvironment(prepared, { development });
    if (works) stopWorker = startWorkerProcess({ environment, encryptionKeys: prepared.encryptionKeys });
    announce(prepared);
  } catch (error) {
    if (!stopping)
      console.error(`Postern could not start: ${String(error.message).replaceAll(/\s*\n\s*/g, " ")}`);
    await stop(1);
  }
}

function announce({ publicUrl, folder, demo, setupToken }) {
  console.log(`\nPostern is ready at ${publicUrl}`);
  if (setupToken) console.log(`Make the first Owner at ${publicUrl}/set-up?token=${setupToken}`);
  const file = join(folder, "demo-accounts.json");
  if (!demo || !existsSync(file)) return;
  console.log("\nDemo accounts (also in demo-accounts.json, with the keys for an authenticator app):");
  for (const { email, password, about } of JSON.parse(readFileSync(file, "utf8"))) {
    console.log(`  ${email.padEnd(34)} ${password.padEnd(18)} ${about}`);
  }
}
