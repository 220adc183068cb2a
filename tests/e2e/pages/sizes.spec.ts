import { gzipSync } from "node:zlib";
import { expect } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";
import { server } from "../../support/e2e/server";

const production = "/subscriptions/11111111-1111-4111-8111-111111111111";
const contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";

/**
 * The most that a main page may weigh with the demo's own data, in kB: its HTML uncompressed, and its scripts of the
 * first load compressed. The aim is 100 and 150 for all of them. A figure goes down with the page, and never up without
 * a reason: the log's pages vary by 3 kB with the hour at which the demo was seeded. The pane of a resource has Reduce
 * standing access and Manage, and rows can be made eligible, since the last rise but one. Since the last one, every
 * page writes times in the reader's zone and language, and the profile has the list of all zones; the alerts and the
 * dashboard tell of the standing access that the demo has; Sign-in and factors lists the identity providers; and forms
 * read the factors again after a passkey was refused, keep a draft for each dialog, and lead on when the session ended
 * while they waited for a provider. The words of alerts come with their page since then: 2 kB of it instead of 7 of
 * scripts. This runs before the other journeys (playwright.config.ts).
 */
const most: Readonly<Record<string, readonly [html: number, scripts: number]>> = {
  "/": [64, 141],
  "/my-roles": [31, 138],
  "/my-requests": [83, 138],
  "/approvals": [72, 138],
  "/resources": [36, 138],
  "/people": [49, 136],
  "/audit": [78, 136],
  "/dashboard": [91, 137],
  "/account": [71, 134],
  "/account/security": [39, 141],
  "/account/sessions": [36, 139],
  "/account/notifications": [34, 133],
  "/organisation/sign-in": [44, 143],
  "/organisation/directories": [31, 134],
  "{resource}": [100, 139],
  "{resource}/roles": [44, 137],
  [`{resource}/roles/${contributor}`]: [91, 144],
  [`{resource}/roles/${contributor}/settings`]: [57, 135],
  [`{resource}/roles/${contributor}/settings/edit`]: [62, 150],
  "{resource}/settings": [48, 137],
  "{resource}/assignments": [100, 143],
  "{resource}/audit": [92, 138],
  "{resource}/alerts": [71, 141],
};

test("main pages weigh no more than they may, in HTML and in scripts", async ({ page }) => {
  test.setTimeout(180_000);
  const added = await ask("SELECT request_type FROM requests WHERE created_at > $1", [server().begun]);
  expect(added, "rows that a journey has left weigh too").toEqual([]);
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
