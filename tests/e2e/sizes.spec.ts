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
  "/": [75, 159],
  "/my-roles": [50, 155],
  "/my-requests": [190, 152],
  "/approvals": [85, 157],
  "/resources": [55, 158],
  "/people": [60, 155],
  "/audit": [100, 155],
  "/dashboard": [112, 155],
  "{resource}": [118, 158],
  "{resource}/roles": [55, 156],
  [`{resource}/roles/${contributor}`]: [115, 164],
  [`{resource}/roles/${contributor}/settings`]: [66, 153],
  [`{resource}/roles/${contributor}/settings/edit`]: [66, 166],
  "{resource}/settings": [57, 156],
  "{resource}/assignments": [128, 164],
  "{resource}/audit": [103, 157],
  "{resource}/alerts": [75, 158],
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
