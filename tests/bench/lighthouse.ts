import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import Chromium from "@sparticuz/chromium";
import lighthouse, { desktopConfig, type Result } from "lighthouse";
import type { Database } from "@/lib/platform/database";
import { freePort } from "@/lib/server/database/embedded-postgres";
import type { Row } from "./figures";
import { contributorId, productionScope } from "./members";
import type { Server } from "./server";

/** Lighthouse's own settings are those of a phone. */
const screens = [
  { name: "desktop", settings: desktopConfig },
  { name: "phone", settings: undefined },
] as const;
const categories = ["performance", "accessibility", "best-practices"] as const;
/** Whatever else the machine does makes a page slower and never faster, so the best of several runs counts. */
const tries = 3;

/**
 * Lighthouse's scores of the pages that people spend their time on. Throws if another page was shown, such as that to sign
 * in. Linux x64, where npm brings the browser.
 */
export async function benchLighthouse(server: Server, database: Database, cookie: string): Promise<Row[]> {
  const { id } = await database.client.resource.findFirstOrThrow({ where: { scope: productionScope } });
  const pages = [
    { path: "/sign-in", signedIn: false },
    { path: "/", signedIn: true },
    { path: "/my-roles", signedIn: true },
    { path: "/approvals", signedIn: true },
    { path: `/resources/${id}`, signedIn: true },
    { path: `/resources/${id}/assignments`, signedIn: true },
    { path: `/resources/${id}/roles/${contributorId}`, signedIn: true },
    { path: `/resources/${id}/roles/${contributorId}/settings`, signedIn: true },
    { path: "/audit", signedIn: true },
    { path: "/dashboard", signedIn: true },
  ];
  const folder = mkdtempSync(join(tmpdir(), "postern-lighthouse-"));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: await Chromium.executablePath(),
    args: [
      ...Chromium.args.filter((argument) => argument !== "--single-process"),
      ...["--no-sandbox", `--remote-debugging-port=${port}`],
    ],
  });
  try {
    const session = await browser.newBrowserCDPSession();
    const [name = "", value = ""] = cookie.split("=");
    const rows: Row[] = [];
    for (const { path, signedIn } of pages) {
      // Browsers send no cookie that Lighthouse names as a header.
      await session.send("Storage.clearCookies");
      if (signedIn) await session.send("Storage.setCookies", { cookies: [{ name, value, url: server.url }] });
      for (const screen of screens) {
        const runs: Result[] = [];
        while (runs.length < tries) {
          const flags = { port, onlyCategories: [...categories], logLevel: "error" as const };
          const { lhr } = (await lighthouse(server.url + path, flags, screen.settings)) ?? {};
          if (lhr?.finalDisplayedUrl !== server.url + path)
            throw new Error(`Lighthouse was shown ${lhr?.finalDisplayedUrl} in place of ${path}`);
          runs.push(lhr);
        }
        rows.push({
          what: `${path.replace(id, "{id}").replace(contributorId, "{roleId}")}, ${screen.name}`,
          ...summaryOf(runs),
          aim: "99, 100, 100; 0",
        });
      }
    }
    return rows;
  } finally {
    await browser.close();
    process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The scores of the fastest run, the greatest layout shift of all, and what Lighthouse found wrong in the fastest. */
function summaryOf(runs: readonly Result[]): Pick<Row, "measured" | "floor"> {
  const score = (run: Result, category: (typeof categories)[number]) =>
    Math.round((run.categories[category]?.score ?? 0) * 100);
  const [best] = [...runs].sort((one, other) => score(other, "performance") - score(one, "performance"));
  if (!best) return { measured: "none" };
  const shift = Math.max(...runs.map((run) => run.audits["cumulative-layout-shift"]?.numericValue ?? 0));
  const failed = Object.values(best.audits).filter(
    (audit) =>
      audit.score !== null &&
      audit.score < 0.9 &&
      ["binary", "metricSavings"].includes(audit.scoreDisplayMode),
  );
  // What does not depend on how busy the machine is stands beside what does.
  const number = (audit: string) => best.audits[audit]?.numericValue ?? 0;
  const weight = `blocked ${number("total-blocking-time").toFixed(0)} ms, ${number("dom-size").toFixed(0)} elements`;
  return {
    measured: `${categories.map((category) => `${category} ${score(best, category)}`).join(", ")}, shift ${shift.toFixed(3)}, ${weight}`,
    floor: failed.map((audit) => audit.id).join(" "),
  };
}
