// Checks and tests everything, or one part of it: `node scripts/test.mjs [unit | rules | journeys] [FILE…]`. Ends with a
// line that counts the tests, and with a non-zero code at the first part that is not in order.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fetchDebianPrograms, missingPrograms } from "./parts/debian-programs.mjs";
import { errorText } from "./parts/fault.mjs";
import { checkNode, generateClient, install, isInstalled } from "./parts/install.mjs";

const reports = mkdtempSync(join(tmpdir(), "postern-reports-"));
const [part = "all", ...files] = process.argv.slice(2);

/** @typedef {[program: string, options: string[], environment?: Record<string, string>]} Program */

/**
 * @param {...string} options
 * @returns {Program}
 */
const vitest = (...options) => [
  "vitest",
  ["run", ...options, "--reporter=default", "--reporter=json", `--outputFile.json=${join(reports, "rules")}`],
];
/** @type {Program} */
const journeys = [
  "playwright",
  ["test", "--reporter=list,json", ...files],
  { PLAYWRIGHT_JSON_OUTPUT_FILE: join(reports, "journeys") },
];

// Each checker works out again the types that several need: four of them take half as much processor time again as one.
const checkers = Math.min(4, Math.max(1, availableParallelism() - 1));
/** @type {Program} */
const types = ["tsc", ["--noEmit", "--checkers", String(checkers)]];

/**
 * The steps of each part, in their order: what is said before it, and its programs, which run at the same time.
 *
 * @type {Record<string, [title: string, ...programs: Program[]][]>}
 */
const parts = {
  all: [
    ["Format and lint", ["biome", ["check", "--error-on-warnings", "."]]],
    // The checker of types mostly uses one processor, so the others need not wait for it.
    ["Types, rules, operations and queries", types, vitest()],
    ["Journeys in a browser, on the built product", journeys],
  ],
  unit: [["Rules", vitest("--project", "unit", ...files)]],
  rules: [["Rules, operations and queries", vitest(...files)]],
  journeys: [["Journeys in a browser, on the built product", journeys]],
};

/**
 * How many tests a report of Vitest or Playwright counts; none where a run left no report.
 *
 * @param {string} name
 */
function counted(name) {
  let report;
  try {
    report = JSON.parse(readFileSync(join(reports, name), "utf8"));
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
  if (report.stats) {
    const { expected, flaky, unexpected, skipped } = report.stats;
    return { passed: expected, failed: unexpected + flaky, skipped };
  }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report;
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

/**
 * Says loudly which programs beside Postern are neither here nor in a package that can be had: nothing was tried with
 * them.
 */
function untriedLine() {
  const missing = files.length === 0 && ["all", "journeys"].includes(part) ? missingPrograms() : [];
  return missing.length === 0
    ? ""
    : `\nNOT TRIED HERE, because a program is missing: ${missing.join(", ")}. Install them, or let apt-get reach Debian's packages.`;
}

function closingLine() {
  const counts = ["rules", "journeys"].map(counted);
  /** @param {"passed" | "failed" | "skipped"} key */
  const sum = (key) => counts.reduce((total, each) => total + each[key], 0);
  const skipped = sum("skipped");
  return `${sum("passed")} passed, ${sum("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** @type {unknown} */
let fault = null;
try {
  checkNode();
  const steps = parts[part];
  if (!steps) throw new Error(`there is no part "${part}": ${Object.keys(parts).join(", ")}`);
  const installing = isInstalled() ? null : install();
  // Runs beside npm, format and lint, since most of its time is waiting for a mirror.
  const fetched = ["all", "rules", "journeys"].includes(part) ? fetchDebianPrograms(installing) : null;
  await installing;
  const { runInstalled } = await import("./parts/run.mjs");
  await generateClient();
  for (const [title, ...programs] of steps) {
    if (programs.some(([program]) => ["vitest", "playwright"].includes(program))) await fetched;
    console.log(`\n— ${title}`);
    const ended = await Promise.allSettled(programs.map((each) => runInstalled(...each)));
    for (const each of ended) if (each.status === "rejected") throw each.reason;
  }
} catch (error) {
  fault = error;
  process.exitCode = 1;
}
console.log(`${untriedLine()}\n${closingLine()}`);
rmSync(reports, { recursive: true, force: true });
if (fault) console.error(`Not in order: ${errorText(fault)}`);
