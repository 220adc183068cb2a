import { readConfirmingIssuers, readWorkerConfiguration } from "@/lib/platform/configuration";
import { openDatabase } from "@/lib/platform/database";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { startWorker, type Worker } from "@/lib/platform/jobs";
import { faultText } from "@/lib/platform/log";
import { openMailer } from "@/lib/platform/mail";
import { openMeter } from "@/lib/server/metrics/process-meter";
import { answerReadings } from "@/lib/server/metrics/readings";
import { ignoreOutputFaults, logLevelOf, openLog } from "@/lib/server/open-log";
import { openTracing } from "@/lib/server/tracing/open-tracing";
import { periodicJobs } from "@/lib/server/worker/periodic-jobs";

// The worker's process, started by the server's. It ends when it is asked to, and when the process that started
// it is gone. Its environment has what it needs. The encryption keys come over the channel, so that they are
// not stored anywhere.
ignoreOutputFaults();
const log = openLog({ process: "worker", level: logLevelOf(process.env.POSTERN_LOG_LEVEL) });
const { databaseUrl: url, mail, publicUrl, importSources } = readWorkerConfiguration();
const mailer = mail && openMailer(mail);
/** The first message from the parent process. */
const message = new Promise<{ encryptionKeys: string; sessionSecrets: readonly string[] }>((resolve) =>
  process.once("message", resolve),
);
const database = openDatabase({ url, maximumConnections: 4 });
if (process.env.POSTERN_METRICS === "1") {
  const read = openMeter("worker", database.pools);
  answerReadings(async () => [{ process: "worker", pid: process.pid, metrics: await read() }]);
}
let worker: Worker | undefined;
let stopTracing: (() => Promise<void>) | undefined;
let stopping = false;

async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(code), 4_500).unref();
  // Mail that is not started is returned at once, for another worker.
  mailer?.close();
  await worker?.stop().catch(() => {});
  await database.close().catch(() => {});
  await stopTracing?.();
  process.exit(code);
}

process.on("SIGINT", () => stop(0));
process.on("SIGTERM", () => stop(0));
process.on("disconnect", () => stop(0));
try {
  const given = await message;
  const encryptionKeys = readEncryptionKeys(given.encryptionKeys);
  stopTracing = await openTracing(process.env, "worker");
  worker = await startWorker({
    url,
    database,
    sessionSecrets: given.sessionSecrets.map((each) => Buffer.from(each, "hex")),
    jobs: periodicJobs({
      ...{ mailer, publicUrl, encryptionKeys, importSources },
      confirmingIssuers: readConfirmingIssuers(),
    }),
    tell: (line) => log.warn(line),
  });
} catch (error) {
  log.error(`The worker could not start: ${faultText(error)}`);
  await stop(1);
}
