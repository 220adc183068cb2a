import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { endWithNpm } from "./npm-process.mjs";
import { wantedPort } from "./port.mjs";
import { prepare } from "./prepare.mjs";
import { endRunning } from "./run.mjs";

/** Prepares, builds, serves and works until Ctrl-C; ends the database after everything else. */
export async function main({ development }) {
  let cluster;
  let stopServing;
  let stopWorker;
  let stopping = false;
  const stop = async (code) => {
    if (stopping) return;
    stopping = true;
    endRunning();
    await Promise.all([stopServing?.().catch(() => {}), stopWorker?.()]);
    await cluster?.stop();
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
  endWithNpm(() => stop(0));
  try {
    const port = wantedPort();
    const prepared = await prepare({
      port,
      onCluster: (started) => {
        cluster = started;
      },
      onGone: (reason) => {
        console.error(reason);
        stop(1);
      },
    });
    Object.assign(process.env, prepared.environment, {
      NODE_ENV: development ? "development" : "production",
      NEXT_TELEMETRY_DISABLED: "1",
    });
    if (!development) {
      const { build } = await import("./build.mjs");
      await build();
    }
    const { serve } = await import("./serve.mjs");
    stopServing = await serve({ port, development, databaseUrl: prepared.environment.DATABASE_URL });
    const { startWorkerProcess } = await import("./worker.mjs");
    if (stopping) return;
    stopWorker = startWorkerProcess(prepared.worker);
    announce(prepared);
  } catch (error) {
    if (!stopping)
      console.error(`Postern could not start: ${String(error.message).replaceAll(/\s*\n\s*/g, " ")}`);
    await stop(1);
  }
}

function announce({ environment, folder, demo, setupToken }) {
  console.log(`\nPostern is ready at ${environment.POSTERN_URL}`);
  if (setupToken)
    console.log(`Make the first Owner at ${environment.POSTERN_URL}/set-up?token=${setupToken}`);
  const file = join(folder, "demo-accounts.json");
  if (!demo || !existsSync(file)) return;
  console.log("\nDemo accounts (also in demo-accounts.json, with the keys for an authenticator app):");
  for (const { email, password, about } of JSON.parse(readFileSync(file, "utf8"))) {
    console.log(`  ${email.padEnd(34)} ${password.padEnd(18)} ${about}`);
  }
}
