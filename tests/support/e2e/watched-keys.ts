import type { CDPSession, Page } from "@playwright/test";

/** Keys that are pressed one after the other, and what the page is like after each. */
export interface WatchedKeys<Seen> {
  press(key: "Tab" | "Shift+Tab", times: number): Promise<Seen[]>;
  end(): Promise<void>;
}

const sessions = new WeakMap<Page, Promise<CDPSession>>();

/**
 * Lets the page itself look as each key is released, with the function that `look` makes there, and sends the keys without
 * waiting for each. To press and to look from here takes three times the processor time.
 */
export async function watchKeys<Seen>(page: Page, look: () => () => Seen): Promise<WatchedKeys<Seen>> {
  const session = sessions.get(page) ?? page.context().newCDPSession(page);
  sessions.set(page, session);
  const browser = await session;
  const watch = await page.evaluateHandle<{ seen: Seen[]; over: AbortController }>(`(() => {
    const watch = { seen: [], over: new AbortController() };
    const look = (${look})();
    addEventListener("keyup", () => watch.seen.push(look()), { capture: true, signal: watch.over.signal });
    return watch;
  })()`);
  return {
    async press(key, times) {
      const pressed = { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9, modifiers: key === "Tab" ? 0 : 8 };
      const sent: Promise<unknown>[] = [];
      for (let count = 0; count < times; count += 1)
        for (const type of ["rawKeyDown", "keyUp"] as const)
          sent.push(browser.send("Input.dispatchKeyEvent", { type, ...pressed }));
      await Promise.all(sent);
      const seen = await watch.evaluate((kept) => kept.seen.splice(0));
      if (seen.length !== times) throw new Error(`${seen.length} of ${times} keys came to the page`);
      return seen;
    },
    async end() {
      await watch.evaluate(({ over }) => over.abort());
      await watch.dispose();
    },
  };
}
