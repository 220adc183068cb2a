import { serve } from "./serve.mjs";

// The serving process, started by start.mjs with what it needs and nothing more. It tells over its channel when it can
// be asked, or in one line why not, and ends when told to, or when the process that started it is gone.
const development = process.argv.includes("--development");
let stopServing;
let stopping = false;

async function stop(code) {
  if (stopping) return;
  stopping = true;
  await stopServing?.().catch(() => {});
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
// At once: whoever starts Postern again wants the port.
process.on("disconnect", () => process.exit(1));
try {
  stopServing = await serve({ port: Number(process.env.PORT), development });
  process.send({ ready: true });
} catch (error) {
  process.send({ fault: String(error.message).replaceAll(/\s*\n\s*/g, " ") }, () => stop(1));
}
