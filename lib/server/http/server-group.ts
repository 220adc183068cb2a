import cluster, { type Worker } from "node:cluster";
import { randomUUID } from "node:crypto";
import { log } from "@/lib/platform/log";
import type { ServerMessage } from "@/lib/server/http/server-process";
import { isReadings, patience, type Reading, readingsOf } from "@/lib/server/metrics/readings";

/** A process that ends sooner than this after its start has failed to start. */
const soonMilliseconds = 10_000;
const longestWaitMilliseconds = 60_000;

/** How long to wait before a process is started again that has failed this many times in a row. */
function waitAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(longestWaitMilliseconds, 500 * 2 ** failures);
}

/**
 * Starts the serving processes, which accept the connections of one port in turn, and restarts each that ends
 * by itself. The first answers from the moment it listens. The others start once it serves, and listen once
 * they can serve as well. `onReady` is called when the first serves, and `onFault` with one line if it cannot.
 */
export function leadServers({
  count,
  onReady,
  onFault,
}: {
  readonly count: number;
  readonly onReady: () => void;
  readonly onFault: (fault: string) => void;
}): { readonly stop: () => Promise<void>; readonly readings: () => Promise<readonly Reading[]> } {
  const running = new Map<number, Worker>();
  // A request of one process to itself may reach another one.
  const pass = randomUUID();
  let serving = false;
  let stopping = false;

  function start(place: number, failures: number): void {
    if (stopping) return;
    const begun = performance.now();
    let fault: string | null = null;
    const worker = cluster.fork({
      POSTERN_PROCESS: String(place),
      POSTERN_PASS: pass,
      POSTERN_LISTENS_LATE: serving ? "1" : "0",
    });
    running.set(place, worker);
    worker.on("message", (sent: ServerMessage) => {
      if (isReadings(sent)) return;
      if ("fault" in sent) fault = sent.fault;
      else if (!serving) {
        serving = true;
        onReady();
        for (let other = 2; other <= count; other += 1) start(other, 0);
      }
    });
    worker.once("exit", (code, signal) => {
      running.delete(place);
      if (stopping) return;
      const how = fault ?? `the serving process ended (${signal ?? code})`;
      if (!serving) return onFault(how);
      const failed = performance.now() - begun < soonMilliseconds ? failures + 1 : 0;
      log().error(`Serving process ${place} ended by itself and is started again: ${how}.`);
      setTimeout(() => start(place, failed), waitAfter(failed));
    });
  }

  start(1, 0);
  return {
    /** What each process has counted, as it reports itself. */
    async readings() {
      const readingsOfEach = [...running].map(async ([place, { process }]): Promise<readonly Reading[]> => {
        const silent = { process: `server-${place}`, pid: process.pid ?? 0, metrics: null };
        return (await readingsOf(process, patience.ofLeader)) ?? [silent];
      });
      return (await Promise.all(readingsOfEach)).flat();
    },
    async stop() {
      stopping = true;
      await Promise.all(
        [...running.values()].map(async (worker) => {
          const ended = new Promise((resolve) => worker.once("exit", resolve));
          worker.process.kill("SIGTERM");
          await ended;
        }),
      );
    },
  };
}
