// Plants known faults in a copy of the code, one at a time, and shows which of them the reference model finds.
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { plantedFaults } from "../tests/model/planted-faults.mjs";
import { errorText } from "./parts/fault.mjs";
import { checkNode, generateClient, install } from "./parts/install.mjs";
import { root } from "./parts/root.mjs";

const copied = ["lib", "tests", "prisma", "scripts", "package.json", "tsconfig.json", "vitest.config.ts"];

/** Fewer found than this is not good enough. */
const enough = 14;

function copyCode() {
  const folder = mkdtempSync(join(tmpdir(), "postern-faults-"));
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/**
 * The file that a fault is planted in: of the migrations the newest that has its text.
 *
 * @param {string} folder
 * @param {{ readonly file: string, readonly from: string }} fault
 */
function fileOf(folder, { file, from }) {
  if (file !== "prisma/migrations") return join(folder, file);
  const names = readdirSync(join(folder, file)).filter((name) => /^\d/.test(name));
  const files = names
    .sort()
    .reverse()
    .map((name) => join(folder, file, name, "migration.sql"));
  const found = files.find((each) => readFileSync(each, "utf8").includes(from));
  if (!found) throw new Error(`no migration has: ${from}`);
  return found;
}

/**
 * Runs the model in the copy. Answers what it printed, or null if it found nothing.
 *
 * @param {string} folder
 * @param {string} runs
 * @returns {Promise<string | null>}
 */
function runModel(folder, runs) {
  return new Promise((resolve) => {
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const environment = { POSTERN_MODEL_RUNS: runs, POSTERN_MODEL_SHRINK: "0", NO_COLOR: "1" };
    const child = spawn(process.execPath, [vitest, "run", "--project", "model"], {
      cwd: folder,
      env: { ...process.env, ...environment },
    });
    let printed = "";
    child.stdout.on("data", (data) => {
      printed += data;
    });
    child.stderr.on("data", (data) => {
      printed += data;
    });
    child.on("exit", (code) => resolve(code === 0 ? null : printed));
  });
}

const folder = copyCode();
try {
  checkNode();
  const { values } = parseArgs({
    options: { runs: { type: "string", default: "120" }, only: { type: "string", multiple: true } },
  });
  await install();
  await generateClient();
  let found = 0;
  const faults = plantedFaults.filter(
    ({ name }) => !values.only || values.only.some((part) => name.includes(part)),
  );
  for (const fault of faults) {
    const file = fileOf(folder, fault);
    const before = readFileSync(file, "utf8");
    if (before.split(fault.from).length !== 2)
      throw new Error(`cannot plant "${fault.name}" in ${fault.file}`);
    writeFileSync(
      file,
      before.replace(fault.from, () => fault.to),
    );
    const began = performance.now();
    const printed = await runModel(folder, values.runs);
    writeFileSync(file, before);
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    // A copy that does not run at all shows nothing.
    if (printed !== null && !printed.includes("disagree after"))
      throw new Error(`"${fault.name}" breaks the copy:\n${printed}`);
    if (printed !== null) found += 1;
    console.log(`${printed === null ? "not found" : "found    "}  ${seconds.padStart(4)} s  ${fault.name}`);
    if (printed !== null && values.only) console.log(printed);
  }
  console.log(`${found} of ${faults.length} planted faults found`);
  if (!values.only && found < enough) process.exitCode = 1;
} catch (error) {
  console.error(`\nNot in order: ${errorText(error)}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
