import cluster from "node:cluster";
import { openApplication } from "@/lib/platform/open-application";
import { serve } from "@/lib/server/http/serve";
import { leadServers } from "@/lib/server/http/server-group";
import type { ServerMessage } from "@/lib/server/http/server-process";
import { openMeter } from "@/lib/server/metrics/process-meter";
import { answerReadings } from "@/lib/server/metrics/readings";
import { ignoreOutputFaults, logLevelOf, openLog, takeConsole } from "@/lib/server/open-log";
import { openTracing } from "@/lib/server/tracing/open-tracing";

// The serving process, started with what it needs and nothing more. It reports over its channel when it can
// serve, or in one line why not. It ends when it is asked to, or when the process that started it is gone. If
// several are to serve, this program is also the process that leads them.
const development = process.argv.includes("--development");
const { PORT: port, POSTERN_PROCESS: place, POSTERN_PROCESSES: processes } = process.env;
const name = place ? (`server-${place}` as const) : "server";
const leads = cluster.isPrimary && Number(processes) > 1;
let stopServing: (() => Promise<void>) | undefined;
let stopTracing: (() => Promise<void>) | undefined;
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await stopServing?.().catch(() => {});
  await stopTracing?.();
  process.exit(code);
}

function tell(message: ServerMessage, then: () => void = () => {}): void {
  process.send?.(message, then);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));
// At once, since somebody who starts Postern again needs the port.
process.on("disconnect", () => process.exit(1));
ignoreOutputFaults();
try {
  const log = openLog({
    process: name,
    level: logLevelOf(process.env.POSTERN_LOG_LEVEL),
  });
  if (!development) takeConsole(log);
  if (leads) {
    const group = leadServers({
      count: Number(processes),
      onReady: () => tell({ ready: true }),
      onFault: (fault) => tell({ fault }, () => stop(1)),
    });
    stopServing = group.stop;
    answerReadings(group.readings);
  } else {
    if (process.env.POSTERN_METRICS === "1") {
      const read = openMeter(name, () => openApplication()?.database.pools() ?? []);
      answerReadings(async () => [{ process: name, pid: process.pid, metrics: await read() }]);
    }
    stopTracing = await openTracing(process.env, name);
    stopServing = await serve({ port: Number(port), development, environment: process.env });
    tell({ ready: true });
  }
} catch (error) {
  const fault = error instanceof Error ? error.message : String(error);
  tell({ fault: fault.replaceAll(/\s*\n\s*/g, " ") }, () => stop(1));
}
