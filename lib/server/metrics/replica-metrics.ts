import { Gauge, Registry } from "prom-client";
import type { openInstallationMetrics } from "@/lib/server/metrics/installation-metrics";
import type { Reading } from "@/lib/server/metrics/readings";
import { openTotals } from "@/lib/server/metrics/totals";

/** Reads the counts of a part of this replica; null if it did not answer. */
type Source = () => Promise<readonly Reading[] | null>;

/** The metrics of this replica: of its processes as they start, and of the installation's database once that is known. */
export function openReplicaMetrics() {
  const totals = openTotals();
  const sources = new Map<string, Source>();
  let installation: ReturnType<typeof openInstallationMetrics> | null = null;
  return {
    addSource(name: string, source: Source): void {
      sources.set(name, source);
    },
    addInstallation(opened: ReturnType<typeof openInstallationMetrics>): void {
      installation = opened;
    },
    async read(): Promise<string> {
      const [known, readings] = await Promise.all([
        installation?.read() ?? [],
        Promise.all([...sources].map(async ([name, source]) => [name, await source()] as const)),
      ]);
      // One after the other, since each may add to the counts of ended processes.
      for (const [name, each] of readings) await totals.take(name, each);
      const register = new Registry();
      const up = new Gauge({
        name: "postern_process_up",
        help: "Whether a process of this replica answers.",
        labelNames: ["process"],
        registers: [register],
      });
      for (const { process, answers } of totals.processes()) up.set({ process }, answers ? 1 : 0);
      return totals.text([...known, ...(await register.getMetricsAsJSON())]);
    },
    async close(): Promise<void> {
      await installation?.close();
    },
  };
}
