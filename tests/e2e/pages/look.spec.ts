import { expect, type Page } from "@playwright/test";
import { askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";
import { watchKeys } from "../../support/e2e/watched-keys";

const production = () =>
  askOne("SELECT id AS value FROM resources WHERE display_name = 'Contoso Production'");

/** The main pages of an owner. */
async function mainPages(): Promise<string[]> {
  const resource = `/resources/${await production()}`;
  const role = await askOne("SELECT id AS value FROM role_definitions WHERE role_name = 'Contributor'");
  return [
    "/",
    "/my-roles",
    "/my-requests",
    "/approvals",
    "/access-reviews",
    "/dashboard",
    "/assignments",
    "/resources",
    "/resources?view=list",
    "/people",
    "/people?type=Group",
    "/import",
    "/audit",
    "/organisation",
    "/worker",
    "/account/security",
    "/notifications",
    resource,
    `${resource}/roles`,
    `${resource}/settings`,
    `${resource}/assignments`,
    `${resource}/alerts`,
    `${resource}/access-reviews`,
    `${resource}/audit`,
    `${resource}/roles/${role}`,
    `${resource}/roles/${role}/settings`,
    `${resource}/roles/${role}/settings/edit`,
  ];
}

declare global {
  interface Window {
    shifted?: { readonly value: number; readonly what: string }[];
  }
}

/**
 * Sends the typeface after the page was drawn without it, as on a slow line. The browser does not keep it, so
 * that each page waits for it. `page.route` would make the browser load and compile the scripts of each page
 * again. Returns how often it was sent so far.
 */
async function delayTypeface(page: Page): Promise<() => number> {
  let delayed = 0;
  const browser = await page.context().newCDPSession(page);
  const files = new Map<string, string>();
  browser.on("Fetch.requestPaused", async ({ requestId, request }) => {
    const body =
      files.get(request.url) ?? (await (await page.request.get(request.url)).body()).toString("base64");
    files.set(request.url, body);
    await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
    delayed += 1;
    // A page that was left in between no longer waits for it.
    await browser
      .send("Fetch.fulfillRequest", {
        requestId,
        responseCode: 200,
        responseHeaders: [
          { name: "Content-Type", value: "font/woff2" },
          { name: "Cache-Control", value: "no-store" },
        ],
        body,
      })
      .catch(() => undefined);
  });
  await browser.send("Fetch.enable", { patterns: [{ urlPattern: "*.woff2*" }] });
  return () => delayed;
}

test("nothing moves while a page loads", async ({ page }) => {
  test.setTimeout(240_000);
  await page.addInitScript(() => {
    window.shifted = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const value: unknown = Reflect.get(entry, "value");
        const sources: unknown = Reflect.get(entry, "sources");
        const nodes = Array.isArray(sources)
          ? sources.map(
              ({ node, previousRect: from, currentRect: to }) =>
                `${node?.outerHTML?.slice(0, 80)} from ${from.x},${from.y} ${from.width} to ${to.x},${to.y} ${to.width}`,
            )
          : [];
        if (Reflect.get(entry, "hadRecentInput") !== true && typeof value === "number")
          window.shifted?.push({ value, what: nodes.join(" | ") });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  const delayed = await delayTypeface(page);
  const moved: string[] = [];
  let opened = 0;
  for (const [width, height] of [
    [1366, 768],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const path of await mainPages()) {
      // The browser requests the typeface before it has the page: an empty one has nothing to draw.
      await page.goto("about:blank");
      await signIn(page, "owner", path);
      await page.waitForLoadState("load");
      // The page is drawn again with the typeface, and what moved is reported after that frame.
      await page.evaluate(async () => {
        await document.fonts.ready;
        for (let frame = 0; frame < 2; frame += 1)
          await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
      });
      for (const { value, what } of await page.evaluate(() => window.shifted ?? []))
        if (value > 0.0005) moved.push(`${path} at ${width}: ${value.toFixed(4)} ${what}`);
      opened += 1;
    }
  }
  expect(moved).toEqual([]);
  expect(delayed(), "pages that waited for the typeface").toBeGreaterThanOrEqual(opened);
});

/** Makes what tells the focused element, if all of it is hidden: by the bars that stay in sight, or outside the screen. */
const hiddenFocus = () => (): string | null => {
  const { activeElement } = document;
  if (!activeElement || activeElement === document.body) return null;
  const box = activeElement.getBoundingClientRect();
  const seen = [0.1, 0.5, 0.9].some((down) =>
    [0.1, 0.5, 0.9].some((along) => {
      const found = document.elementFromPoint(box.left + box.width * along, box.top + box.height * down);
      return found !== null && (activeElement.contains(found) || found.contains(activeElement));
    }),
  );
  return seen ? null : activeElement.outerHTML.slice(0, 160);
};

test("a person who goes through a page by keyboard always sees what has the focus", async ({ page }) => {
  test.setTimeout(240_000);
  const resource = `/resources/${await production()}`;
  const hidden: string[] = [];
  for (const [width, height] of [
    [1366, 768],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const path of ["/", "/assignments", "/people", "/audit", "/approvals", `${resource}/assignments`]) {
      await signIn(page, "owner", path);
      await page.locator("main").waitFor();
      const keys = await watchKeys(page, hiddenFocus);
      for (const key of ["Tab", "Shift+Tab"] as const) {
        for (const lost of await keys.press(key, 60))
          if (lost) hidden.push(`${path} at ${width}, ${key}: ${lost}`);
      }
      await keys.end();
    }
  }
  expect([...new Set(hidden)]).toEqual([]);
});

test("a printed list is the list alone, with all its columns", async ({ page }) => {
  await signIn(page, "owner", "/people");
  await page.emulateMedia({ media: "print" });
  for (const part of [page.getByRole("banner"), page.getByRole("navigation"), page.getByRole("searchbox")])
    await expect(part.first()).toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  for (const column of ["Name", "Email", "Second factor", "Status"])
    await expect(page.getByRole("columnheader", { name: column })).toBeVisible();
  await expect(page.getByRole("link", { name: "New user" })).toBeHidden();
  // What only a screen can do: filters that are saved, files to download.
  await page.goto("/audit?range=24h");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.getByRole("button", { name: "Save this filter", includeHidden: true })).toBeHidden();
  await expect(page.getByRole("region", { name: "Saved filters", includeHidden: true })).toBeHidden();
  await expect(page.getByRole("link", { name: "Export as CSV", includeHidden: true })).toBeHidden();
});
