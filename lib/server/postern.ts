import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readIdentityProviders } from "@/lib/platform/identity-providers";
import { checkOutgoingProxy } from "@/lib/platform/outgoing-proxy";
import { checkSettings } from "@/lib/server/check-settings";
import { serverEnvironment, workerEnvironment } from "@/lib/server/child-environment";
import type { PostgresCluster } from "@/lib/server/database/embedded-postgres";
import { type DemoProvider, startDemoProvider } from "@/lib/server/demo-provider";
import { trustedProxiesOf } from "@/lib/server/http/client-address";
import { type ServerProcess, startServer } from "@/lib/server/http/server-process";
import { drainSecondsOf, servingProcessesOf } from "@/lib/server/http/serving-processes";
import { openInstallationMetrics } from "@/lib/server/metrics/installation-metrics";
import { metricsAddressOf } from "@/lib/server/metrics/metrics-address";
import { openMetricsServer } from "@/lib/server/metrics/metrics-server";
import { openReplicaMetrics } from "@/lib/server/metrics/replica-metrics";
import { ignoreOutputFaults, logLevelOf, openLog } from "@/lib/server/open-log";
import { type Prepared, prepare } from "@/lib/server/prepare";
import { traceSettingsOf, trustsTraceparent } from "@/lib/server/tracing/trace-settings";
import { startWorkerProcess } from "@/lib/server/worker/worker-process";
import { build } from "@/scripts/parts/build.mjs";

/** A starting or running Postern. */
export interface Postern {
  /** Resolves once it serves; rejects with the obstacle. */
  readonly ready: Promise<void>;
  /** Stops everything that was started, the database last, and waits. */
  stop(): Promise<void>;
}

/**
 * Prepares and builds, then starts the serving process and the worker. Only this process knows the address of
 * the database's owner. `onGone` is called if a part of it ended by itself and cannot be started again.
 */
export function startPostern({
  port,
  folder,
  development,
  onGone,
}: {
  readonly port: number;
  /** The data folder, which this process has locked. */
  readonly folder: string;
  readonly development: boolean;
  readonly onGone: (reason: string) => void;
}): Postern {
  let source = process.env;
  ignoreOutputFaults();
  let cluster: PostgresCluster | undefined;
  let server: ServerProcess | undefined;
  let demoProvider: DemoProvider | undefined;
  let worker: ReturnType<typeof startWorkerProcess> | undefined;
  let metricsServer: { close(): Promise<void> } | undefined;
  const metrics = openReplicaMetrics();
  let stopping = false;

  async function start(): Promise<void> {
    openLog({ process: "start", level: logLevelOf(source.POSTERN_LOG_LEVEL) });
    trustsTraceparent(source, trustedProxiesOf(source.POSTERN_TRUSTED_PROXIES));
    traceSettingsOf(source);
    readIdentityProviders(source.POSTERN_IDENTITY_PROVIDERS);
    checkOutgoingProxy(source);
    checkSettings(source, folder);
    const processes = development ? 1 : servingProcessesOf(source.POSTERN_PROCESSES);
    drainSecondsOf(source.POSTERN_DRAIN_SECONDS);
    const metricsAddress = metricsAddressOf(source.POSTERN_METRICS_ADDRESS, port);
    if (metricsAddress) metricsServer = await openMetricsServer(metricsAddress, metrics.read);
    const works = source.POSTERN_WORKER !== "0";
    const onCluster = (started: PostgresCluster) => {
      cluster = started;
    };
    const prepared = await prepare({ source, folder, port, works, onCluster, onGone });
    if (!development) await build();
    if (stopping) return;
    if (metricsAddress) metrics.addInstallation(openInstallationMetrics(prepared.servingUrl));
    if (prepared.demoPeople) {
      const { demoPeople: people, publicUrl } = prepared;
      demoProvider = await startDemoProvider({ people, publicUrl, port, folder });
      source = { ...source, POSTERN_IDENTITY_PROVIDERS: demoProvider.file };
    }
    server = startServer({
      environment: serverEnvironment(source, prepared, { port, processes, development }),
      development,
      onGone,
    });
    metrics.addSource("server", server.readings);
    await server.ready;
    if (stopping) return;
    const environment = workerEnvironment(source, prepared, { development });
    if (works) {
      const { encryptionKeys, sessionFingerprints } = prepared;
      worker = startWorkerProcess({ environment, encryptionKeys, sessionFingerprints });
      metrics.addSource("worker", worker.readings);
    }
    announce(prepared, folder);
    if (demoProvider)
      console.log(
        `\nPOSTERN_DEMO_OIDC: a demo identity provider runs at ${demoProvider.issuer}\nAnyone who opens it on this machine can sign in there as any demo person, without a password. Never use it with real people.`,
      );
  }

  return {
    ready: start(),
    async stop() {
      stopping = true;
      await Promise.all([server?.stop(), worker?.stop(), demoProvider?.stop()]);
      await metricsServer?.close();
      await metrics.close();
      await cluster?.stop();
    },
  };
}

/** The displayed fields of a demo account that the seed writes. */
interface DemoAccount {
  readonly email: string;
  readonly password: string;
  readonly about: string;
}

function announce({ publicUrl, demo, setupToken }: Prepared, folder: string): void {
  console.log(`\nPostern is ready at ${publicUrl}`);
  if (setupToken) console.log(`Set it up at ${publicUrl}/set-up?token=${setupToken}`);
  const file = join(folder, "demo-accounts.json");
  if (!demo || !existsSync(file)) return;
  console.log("\nDemo accounts (also in demo-accounts.json, with the keys for an authenticator app):");
  const accounts: readonly DemoAccount[] = JSON.parse(readFileSync(file, "utf8"));
  for (const { email, password, about } of accounts)
    console.log(`  ${email.padEnd(34)} ${password.padEnd(18)} ${about}`);
}
