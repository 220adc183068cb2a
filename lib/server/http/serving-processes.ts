import { availableParallelism } from "node:os";

/** More are worth their memory and their database connections on few machines, so somebody has to ask for them. */
const mostByDefault = 4;
const most = 64;

const longestDrainSeconds = 300;

/**
 * How long a stopping process still answers after it has said at `/readyz` that it stops: what POSTERN_DRAIN_SECONDS
 * says, or no time at all. Throws one line if it is no such number.
 */
export function drainSecondsOf(text: string | undefined): number {
  if (!text) return 0;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= longestDrainSeconds) return seconds;
  throw new Error(`POSTERN_DRAIN_SECONDS is ${text}: set it to a number from 0 to ${longestDrainSeconds}.`);
}

/**
 * How many processes serve pages: what POSTERN_PROCESSES says, or one for each processor, at most four. Throws one line
 * if it is no such number.
 */
export function servingProcessesOf(text: string | undefined, processors = availableParallelism()): number {
  if (!text) return Math.max(1, Math.min(mostByDefault, processors));
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new Error(`POSTERN_PROCESSES is ${text}: set it to a number from 1 to ${most}.`);
}
