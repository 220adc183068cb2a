import { AggregatorRegistry } from "prom-client";
import type { Measured, Reading } from "@/lib/server/metrics/readings";

interface Kept {
  readonly source: string;
  readonly process: string;
  readonly metrics: readonly Measured[];
  readonly answers: boolean;
}

const added = new Set<string>(["counter", "histogram"]);

/** Values that are no longer numbers after a channel, such as a lag that was not measured yet, are left out. */
function sound(metrics: readonly Measured[]): Measured[] {
  return metrics.map((metric) => ({
    ...metric,
    values: metric.values.filter(({ value }) => Number.isFinite(value)),
  }));
}

function addUp(all: readonly (readonly Measured[])[]) {
  return AggregatorRegistry.aggregate(all.map(sound));
}

/**
 * Adds up the counts of this replica's processes. The last known counts of an ended process stay in the sum, so
 * that no counter goes back. A process that does not answer counts as when it was last read.
 */
export function openTotals() {
  const kept = new Map<number, Kept>();
  let ended: readonly Measured[] = [];

  /** Takes the readings of one source; null if the source itself did not answer. */
  async function take(source: string, readings: readonly Reading[] | null): Promise<void> {
    const gone: (readonly Measured[])[] = [];
    for (const [pid, each] of kept) {
      if (each.source !== source) continue;
      if (readings === null) kept.set(pid, { ...each, answers: false });
      else if (!readings.some((reading) => reading.pid === pid)) {
        gone.push(each.metrics.filter(({ type }) => added.has(String(type))));
        kept.delete(pid);
      }
    }
    for (const { pid, process, metrics } of readings ?? [])
      kept.set(pid, {
        source,
        process,
        metrics: metrics ?? kept.get(pid)?.metrics ?? [],
        answers: metrics !== null,
      });
    if (gone.length > 0) ended = await addUp([ended, ...gone]).getMetricsAsJSON();
  }

  return {
    take,
    /** Each process, and whether it answered when it was last asked. */
    processes: () => [...kept.values()].map(({ process, answers }) => ({ process, answers })),
    /** Everything in Prometheus' text format, with metrics that belong to no process. */
    text: (others: readonly Measured[]) =>
      addUp([ended, ...[...kept.values()].map(({ metrics }) => metrics), others]).metrics(),
  };
}
