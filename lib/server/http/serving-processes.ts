import { availableParallelism } from "node:os";

/** More are worth their memory and their database connections on few machines, so somebody has to ask for them. */
const mostByDefault = 4;
const most = 64;

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
