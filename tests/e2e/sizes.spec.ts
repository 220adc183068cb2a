import { gzipSync } from "node:zlib";
import { expect } from "@playwright/test";
import { signIn, test } from "../support/e2e";
import { ask } from "../support/e2e-database";

const production = "/subscriptions/11111111-1111-4111-8111-111111111111";
const contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";

/**
 * The most that a main page may weigh with the demo's data, in kB: its HTML uncompressed, and its scripts of the first
 * load compressed. The aim is 100 and 150 for all of them. A figure goes down with the page, and never up without a
 * reason.
 */
const most: Readonly<Record<string, readonly [html: number, scripts: number]>> = {
  "/": [66, 163],
  "/my-roles": [34, 159],
  "/my-requests": [86, 158],
  "/approvals": [67, 160],
  "/resources": [38, 162],
  "/people": [52, 158],
  "/audit": [80, 158],
  "/dashboard": [98, 158],
  "{resource}": [106, 161],
  "{resource}/roles": [46, 159],
  [`{resource}/roles/${contributor}`]: [98, 164],
  [`{resource}/roles/${contributor}/settings`]: [58, 157],
  [`{resource}/roles/${contributor}/settings/edit`]: [66, 172],
  "{resource}/settings": [48, 159],
  "{resource}/assignments": [114, 164],
  "{resource}/audit": [92, 160],
  "{resource}/alerts": [65, 162],
};

test("main pages weigh no more than they may, in HTML and in scripts", async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, "owner");
  const [found] = await ask<{ id: string }>("SELECT id FROM resources WHERE scope = $1", [production]);
  const resource = `/resources/${found?.id}`;
  const scripts = new Map<string, number>();
  const heavy: string[] = [];
  for (const [path, [html, script]] of Object.entries(most)) {
    const answer = await page.request.get(path.replace("{resource}", resource));
    expect(answer.status(), path).toBe(200);
    const text = await answer.text();
    let together = 0;
    for (const [, src = ""] of text.matchAll(/<script[^>]+src="([^"]+\.js)"(?![^>]*nomodule)/gi)) {
      if (!scripts.has(src)) scripts.set(src, gzipSync(await (await page.request.get(src)).body()).length);
      together += scripts.get(src) ?? 0;
    }
    const weights = [Buffer.byteLength(text) / 1000, together / 1000].map(Math.round);
    if ((weights[0] ?? 0) > html || (weights[1] ?? 0) > script)
      heavy.push(`${path}: ${weights.join(" and ")} kB of at most ${html} and ${script}`);
  }
  expect(heavy).toEqual([]);
});
