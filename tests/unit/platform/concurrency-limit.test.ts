import { expect, it } from "vitest";
import { Busy, limitConcurrency, unlessBusy } from "@/lib/platform/concurrency-limit";

/** Work that a test ends, and the order in which it began. */
function bench(limits: Parameters<typeof limitConcurrency>[0]) {
  const inTurn = limitConcurrency(limits);
  const begun: string[] = [];
  const endings: (() => void)[] = [];
  return {
    begun,
    ask: (whose: string) =>
      inTurn(whose, () => {
        begun.push(whose);
        return new Promise<void>((end) => endings.push(end));
      }),
    /** Ends the work that began first, and lets the next begin. */
    async end() {
      endings.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it("so many work at once, and one who asks for much waits behind themselves only", async () => {
  const { ask, begun, end } = bench({ atOnce: 2, waitingOfOne: 10, waitingInAll: 100 });
  const asked = ["flood", "flood", "flood", "flood", "flood", "ada", "bob", "ada"].map(ask);
  expect(begun).toEqual(["flood", "flood"]);
  for (let ended = 0; ended < asked.length; ended += 1) await end();
  expect(begun).toEqual(["flood", "flood", "flood", "ada", "bob", "flood", "ada", "flood"]);
  await Promise.all(asked);
});

it("who has too many waiting, or comes when too many wait in all, is refused at once, and others are not", async () => {
  const { ask, begun, end } = bench({ atOnce: 1, waitingOfOne: 2, waitingInAll: 4 });
  const asked = ["flood", "flood", "flood"].map(ask);
  await expect(ask("flood")).rejects.toThrow(Busy);
  asked.push(ask("ada"), ask("bob"));
  await expect(ask("eve")).rejects.toThrow(Busy);
  for (let ended = 0; ended < 5; ended += 1) await end();
  await Promise.all(asked);
  expect(begun).toEqual(["flood", "flood", "ada", "bob", "flood"]);
  // All have ended: the next begins at once.
  void ask("eve");
  expect(begun.at(-1)).toBe("eve");
});

it("work that fails makes room like any other, and only being busy is answered otherwise", async () => {
  const inTurn = limitConcurrency({ atOnce: 1, waitingOfOne: 0, waitingInAll: 0 });
  const fault = new Error("a fault");
  await expect(unlessBusy(() => inTurn("ada", () => Promise.reject(fault)), "busy")).rejects.toBe(fault);
  let end = () => {};
  const first = inTurn("ada", () => new Promise<void>((resolve) => (end = resolve)));
  expect(await unlessBusy(() => inTurn("ada", async () => "done"), "busy")).toBe("busy");
  end();
  await first;
  expect(await unlessBusy(() => inTurn("ada", async () => "done"), "busy")).toBe("done");
});
