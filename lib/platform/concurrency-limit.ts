/** Too many already wait for the same costly work. Trying again in a moment may succeed. */
export class Busy extends Error {
  constructor() {
    super("Too many are already waiting for this.");
  }
}

interface Limits {
  /** How many run at once. */
  readonly atOnce: number;
  /** How many of one client may wait. */
  readonly waitingOfOne: number;
  /** How many may wait in all. */
  readonly waitingInAll: number;
}

/**
 * Limits costly work that anybody can request. Clients are served in turn, one piece of work each, so a client
 * with much work waits for itself and hardly delays others. Returns a function that runs work in the turn of
 * `whose`, and throws `Busy` at once if too many wait.
 */
export function limitConcurrency({ atOnce, waitingOfOne, waitingInAll }: Limits) {
  /** The waiting clients, each with its work; the next one first. */
  const queues = new Map<string, (() => void)[]>();
  let working = 0;
  let waiting = 0;

  function beginNext(): void {
    const [next] = queues;
    if (!next) return;
    const [whose, [begin, ...rest]] = next;
    queues.delete(whose);
    // The client's other work goes to the end of the queue.
    if (rest.length > 0) queues.set(whose, rest);
    waiting -= 1;
    working += 1;
    begin?.();
  }

  return async function inTurn<Result>(whose: string, work: () => Promise<Result>): Promise<Result> {
    if (working < atOnce) {
      working += 1;
    } else {
      const queue = queues.get(whose) ?? [];
      if (queue.length >= waitingOfOne || waiting >= waitingInAll) throw new Busy();
      waiting += 1;
      await new Promise<void>((begin) => {
        queues.set(whose, [...queue, begin]);
      });
    }
    try {
      return await work();
    } finally {
      working -= 1;
      beginNext();
    }
  };
}

/** The result of the work, or `busy` if too many wait and it was not started. */
export async function unlessBusy<Result, Otherwise>(
  work: () => Promise<Result>,
  busy: Otherwise,
): Promise<Result | Otherwise> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Busy) return busy;
    throw error;
  }
}
