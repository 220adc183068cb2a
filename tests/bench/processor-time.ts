import { readFileSync } from "node:fs";
import autocannon from "autocannon";
import { childrenRunning } from "../support/processes/child-processes";
import type { Server } from "./server";

/** Linux counts processor time in hundredths of a second, whatever the machine (`USER_HZ`). */
const millisecondsPerTick = 10;
/** Few at once, so that nothing waits in line, and enough that a connection serves many. */
const connections = 4;
const [warmUp, counted] = [150, 200];

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Fields 14 to 17 of `/proc/PID/stat`: in the program and in the kernel, its own and of children that ended. */
function ticksOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number);
}

/** The processor time of a process since it started, in milliseconds. */
export function processorTimeOf(pid: number): number {
  return sum(ticksOf(pid).slice(0, 2)) * millisecondsPerTick;
}

/** The same of a process and its children, such as PostgreSQL's, those that ended among them. */
export function processorTimeWithChildren(pid: number): number {
  const children = childrenRunning(pid, "").map((child) => processorTimeOf(child));
  return sum(ticksOf(pid)) * millisecondsPerTick + sum(children);
}

/** Milliseconds of processor time for one request. */
export interface Cost {
  readonly serving: number;
  readonly database: number;
}

async function ask(url: string, cookie: string, amount: number): Promise<void> {
  const result = await autocannon({ url, connections, amount, headers: { cookie } });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} answers were not 200, and ${result.errors} did not come`);
}

/**
 * What a request of each page costs, each in turn and several times around. What else the machine does changes this far
 * less than how many requests are answered in a second. Null where it cannot be measured.
 */
export async function processorTimes(
  server: Server,
  cookie: string,
  paths: readonly string[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly Cost[]> | null> {
  if (server.processorTime() === null) return null;
  const costs = new Map<string, Cost[]>(paths.map((path) => [path, []]));
  for (const path of paths) await ask(server.url + path, cookie, warmUp);
  for (let round = 0; round < rounds; round += 1) {
    for (const [path, found] of costs) {
      const before = server.processorTime();
      await ask(server.url + path, cookie, counted);
      const after = server.processorTime();
      if (before && after)
        found.push({
          serving: (after.serving - before.serving) / counted,
          database: (after.database - before.database) / counted,
        });
    }
  }
  return costs;
}
