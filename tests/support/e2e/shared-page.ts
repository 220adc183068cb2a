import type { Browser, Page } from "@playwright/test";
import { axeSource } from "./axe";

const pages = new Map<string, Page>();

/**
 * A page of an account that the tests of a file use one after the other in each worker, so that scripts come
 * from the cache, and axe is sent once. Each test first opens an address of its own, with its own size of the screen.
 */
export async function sharedPage(
  browser: Browser,
  baseURL: string | undefined,
  key: string,
  viewport: { readonly width: number; readonly height: number },
): Promise<Page> {
  let page = pages.get(key);
  if (!page || page.isClosed() || page.context().browser() !== browser) {
    const context = await browser.newContext({ baseURL, reducedMotion: "reduce" });
    page = await context.newPage();
    await page.addInitScript({ content: axeSource });
    pages.set(key, page);
  }
  await page.setViewportSize(viewport);
  return page;
}
