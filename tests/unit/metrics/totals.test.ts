import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";
import type { Reading } from "@/lib/server/metrics/readings";
import { openTotals } from "@/lib/server/metrics/totals";

/** The report of a process with these counts. */
async function reading(process: string, pid: number, count: number): Promise<Reading> {
  const registers = [new Registry()];
  new Counter({ name: "done_total", help: "Done.", registers }).inc(count);
  new Gauge({ name: "open", help: "Open.", labelNames: ["process"], registers }).set({ process }, count);
  new Gauge({ name: "lag", help: "Lag.", labelNames: ["process"], registers }).set({ process }, Number.NaN);
  const took = new Histogram({ name: "took_seconds", help: "Took.", buckets: [1], registers });
  for (let each = 0; each < count; each += 1) took.observe(0.5);
  const metrics = await registers[0]?.getMetricsAsJSON();
  // As it arrives over the channel.
  return JSON.parse(JSON.stringify({ process, pid, metrics }));
}

const lines = async (totals: ReturnType<typeof openTotals>) =>
  (await totals.text([])).split("\n").filter((line) => line !== "" && !line.startsWith("#"));

it("adds up what processes counted, and tells their states apart", async () => {
  const totals = openTotals();
  await totals.take("server", [await reading("server-1", 1, 2), await reading("server-2", 2, 3)]);
  await totals.take("worker", [await reading("worker", 3, 5)]);
  expect(await lines(totals)).toEqual([
    "done_total 10",
    'open{process="server-1"} 2',
    'open{process="server-2"} 3',
    'open{process="worker"} 5',
    'took_seconds_bucket{le="1"} 10',
    'took_seconds_bucket{le="+Inf"} 10',
    "took_seconds_sum 5",
    "took_seconds_count 10",
  ]);
});

it("what an ended process counted stays in the sum, so that no counter goes back, and its state goes", async () => {
  const totals = openTotals();
  await totals.take("server", [await reading("server-1", 1, 2), await reading("server-2", 2, 3)]);
  await totals.take("server", [await reading("server-1", 1, 2), await reading("server-2", 7, 1)]);
  expect(await lines(totals)).toContain("done_total 6");
  expect(await lines(totals)).toContain('open{process="server-2"} 1');
  await totals.take("server", []);
  expect(await lines(totals)).toContain("done_total 6");
  expect(await lines(totals)).toContain("took_seconds_count 6");
  expect(totals.processes()).toEqual([]);
});

it("a process that does not answer counts as when it last did, and is named", async () => {
  const totals = openTotals();
  await totals.take("server", [await reading("server-1", 1, 2), await reading("server-2", 2, 3)]);
  await totals.take("server", [
    await reading("server-1", 1, 4),
    { process: "server-2", pid: 2, metrics: null },
  ]);
  expect(await lines(totals)).toContain("done_total 7");
  expect(totals.processes()).toEqual([
    { process: "server-1", answers: true },
    { process: "server-2", answers: false },
  ]);
  await totals.take("server", null);
  expect(await lines(totals)).toContain("done_total 7");
  expect(totals.processes().map(({ answers }) => answers)).toEqual([false, false]);
});
