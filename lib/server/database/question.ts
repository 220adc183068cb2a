import type pg from "pg";
import { DatabaseClient } from "@/lib/platform/database-client";
import { connectionFault } from "@/lib/server/database/connection-fault";

const tickMilliseconds = 50;
/** Short, so that a recovered database is noticed soon. */
const faultMilliseconds = 100;

interface Outcome<Value> {
  readonly state: "answers" | "silent" | "fails";
  readonly value?: Value;
  readonly reason?: string;
}

export interface Answer<Value> extends Outcome<Value> {
  readonly milliseconds: number;
  readonly ownMilliseconds: number;
}

export interface Question<Value> {
  ask(): Promise<Answer<Value>>;
  close(): Promise<void>;
}

/**
 * Asks a database one question on a connection of its own. One question runs at a time, for all who ask
 * meanwhile, and again only if the last good answer is older than `freshMilliseconds`. `work` gets the
 * connected client. Each answer has a `state` (`answers`; `silent` if it did not in time; `fails` with a
 * `reason`), the `value`, how long it took, and `ownMilliseconds`: the part in which this process was too busy
 * to listen, which never counts as the database's.
 */
export function askDatabase<Value>({
  url,
  work,
  freshMilliseconds,
  patienceMilliseconds = 2_000,
}: {
  readonly url: string;
  readonly work: (client: pg.Client) => Promise<Value>;
  readonly freshMilliseconds: number;
  readonly patienceMilliseconds?: number;
}): Question<Value> {
  let client: pg.Client | null = null;
  let underway: Promise<Answer<Value>> | null = null;
  let last: { readonly at: number; readonly answer: Answer<Value> } | null = null;

  async function connected(): Promise<pg.Client> {
    if (client !== null) return client;
    const made = new DatabaseClient({ connectionString: url });
    const drop = () => {
      if (client === made) client = null;
    };
    made.on("error", drop).on("end", drop);
    client = made;
    await made.connect();
    return made;
  }

  /** Without waiting, so that a hanging connection is not used for the next question. */
  function letGo(): void {
    client?.connection.stream.destroy();
    client = null;
  }

  async function ask(): Promise<Answer<Value>> {
    const begun = performance.now();
    let ticks = 0;
    let timer: NodeJS.Timeout | undefined;
    // Counted in turns of this process's event loop, so that no time passes for the database while the loop is
    // blocked.
    const silence = new Promise<Outcome<Value>>((resolve) => {
      timer = setInterval(() => {
        ticks += 1;
        if (ticks * tickMilliseconds >= patienceMilliseconds) resolve({ state: "silent" });
      }, tickMilliseconds);
    });
    const answer = connected()
      .then(work)
      .then(
        (value): Outcome<Value> => ({ state: "answers", value }),
        (error): Outcome<Value> => ({ state: "fails", reason: connectionFault(error) }),
      );
    const outcome = await Promise.race([answer, silence]);
    clearInterval(timer);
    if (outcome.state !== "answers") letGo();
    const took = Math.round(performance.now() - begun);
    const own = Math.max(0, took - (ticks + 1) * tickMilliseconds);
    return { ...outcome, milliseconds: took - own, ownMilliseconds: own };
  }

  return {
    ask() {
      const fresh = last?.answer.state === "answers" ? freshMilliseconds : faultMilliseconds;
      if (last !== null && performance.now() - last.at < fresh) return Promise.resolve(last.answer);
      underway ??= ask().then((answer) => {
        last = { at: performance.now(), answer };
        underway = null;
        return answer;
      });
      return underway;
    },
    async close() {
      await underway;
      await client?.end().catch(() => {});
    },
  };
}
