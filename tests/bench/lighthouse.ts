import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import Chromium from "@sparticuz/chromium";
import lighthouse, { desktopConfig } from "lighthouse";
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

/** Lighthouse's scores of the pages that people spend their time on. Linux x64, where npm brings the browser. */
export async function benchLighthouse(server: Server, database: Database, cookie: string): Promise<Row[]> {
  const { id } = await database.client.resource.findFirstOrThrow({ where: { scope: productionScope } });
  const pages = [
    { path: "/sign-in", signedIn: false },
    { path: "/", signedIn: true },
    { path: "/my-roles", signedIn: true },
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
    const rows: Row[] = [];
    for (const [{ path, signedIn }, screen] of pages.flatMap((page) =>
      screens.map((screen) => [page, screen] as const),
    )) {
      const flags = {
        port,
        onlyCategories: [...categories],
        logLevel: "error" as const,
        extraHeaders: signedIn ? { cookie } : undefined,
      };
      const result = await lighthouse(server.url + path, flags, screen.settings);
      const scores = categories.map((category) => {
        const score = result?.lhr.categories[category]?.score;
        return `${category} ${typeof score === "number" ? Math.round(score * 100) : "none"}`;
      });
      const failed = Object.values(result?.lhr.audits ?? {}).filter(
        (audit) =>
          audit.score !== null &&
          audit.score < 0.9 &&
          ["binary", "metricSavings"].includes(audit.scoreDisplayMode),
      );
      rows.push({
        what: `${path.replace(id, "{id}").replace(contributorId, "{roleId}")}, ${screen.name}`,
        measured: scores.join(", "),
        floor: failed.map((audit) => audit.id).join(" "),
        aim: "99, 100, 100",
      });
    }
    return rows;
  } finally {
    await browser.close();
    process.env.TMPDIR = before;
    rmSync(folder, { recursive: true, force: true });
  }
}
