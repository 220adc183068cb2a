import { availableParallelism } from "node:os";

/** On few machines are more worth their memory and their database connections, so they must be requested. */
const mostByDefault = 4;
const most = 64;

const longestDrainSeconds = 300;

/**
 * How long a stopping process still answers after `/readyz` says that it is stopping: the value of
 * POSTERN_DRAIN_SECONDS, or no time at all. Throws one line if that is not a valid number.
 */
export function drainSecondsOf(text: string | undefined): number {
  if (!text) return 0;
  const seconds = Number(text);
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= longestDrainSeconds) return seconds;
  throw new Error(`POSTERN_DRAIN_SECONDS is ${text}: set it to a number from 0 to ${longestDrainSeconds}.`);
}

/**
 * How many processes serve pages: the value of POSTERN_PROCESSES, or one for each processor, at most four.
 * Throws one line if that is not a valid number.
 */
export function servingProcessesOf(text: string | undefined, processors = availableParallelism()): number {
  if (!text) return Math.max(1, Math.min(mostByDefault, processors));
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new Error(`POSTERN_PROCESSES is ${text}: set it to a number from 1 to ${most}.`);
}
