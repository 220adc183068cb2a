/** That too many wait already for the same costly work: whoever asked may try again in a moment. */
export class Busy extends Error {
  constructor() {
    super("Too many wait for this already.");
  }
}

interface Limits {
  /** How many are at work at once. */
  readonly atOnce: number;
  /** How many of one asker may wait. */
  readonly waitingOfOne: number;
  /** How many may wait in all. */
  readonly waitingInAll: number;
}

/**
 * Bounds costly work that anybody can ask for. Askers are served in turn, one piece of work each, so that one who asks
 * for much waits for themselves and hardly keeps others waiting. Returns a function that does work in the turn of
 * `whose`, and throws `Busy` at once when too many wait.
 */
export function takingTurns({ atOnce, waitingOfOne, waitingInAll }: Limits) {
  /** Those who wait, each with what is to be begun; the next one first. */
  const queues = new Map<string, (() => void)[]>();
  let working = 0;
  let waiting = 0;

  function beginNext(): void {
    const [next] = queues;
    if (!next) return;
    const [whose, [begin, ...rest]] = next;
    queues.delete(whose);
    // To the end of the line with what else they asked for.
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

/** What the work answers, or this when it was not begun because too many wait. */
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
