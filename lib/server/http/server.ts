import { serve } from "@/lib/server/http/serve";
import type { ServerMessage } from "@/lib/server/http/server-process";
import { ignoreOutputFaults, logLevelOf, openLog, takeConsole } from "@/lib/server/open-log";

// The serving process, started with what it needs and nothing more. It tells over its channel when it can be asked, or
// in one line why not, and ends when told to, or when the process that started it is gone.
const development = process.argv.includes("--development");
let stopServing: (() => Promise<void>) | undefined;
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await stopServing?.().catch(() => {});
  process.exit(code);
}

function tell(message: ServerMessage, then: () => void = () => {}): void {
  process.send?.(message, then);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
// At once: whoever starts Postern again wants the port.
process.on("disconnect", () => process.exit(1));
ignoreOutputFaults();
try {
  const log = openLog({ process: "server", level: logLevelOf(process.env.POSTERN_LOG_LEVEL) });
  if (!development) takeConsole(log);
  stopServing = await serve({ port: Number(process.env.PORT), development, environment: process.env });
  tell({ ready: true });
} catch (error) {
  const fault = error instanceof Error ? error.message : String(error);
  tell({ fault: fault.replaceAll(/\s*\n\s*/g, " ") }, () => stop(1));
}
