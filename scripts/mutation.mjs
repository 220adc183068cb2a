// Changes one thing of a rule at a time and asks whether a test fails: `node scripts/mutation.mjs rules [OPTION…]` with the
// tests that need no database, `node scripts/mutation.mjs authority [OPTION…] [FILE…]` with those that ask one.
import { join } from "node:path";
import { errorText } from "./parts/fault.mjs";
import { checkNode, generateClient, install, installTool } from "./parts/install.mjs";
import { root } from "./parts/root.mjs";
import { endRunning, run } from "./parts/run.mjs";

const folder = "tests/mutation";

/**
 * What runs each of the testers, without its options.
 *
 * @type {Record<string, [program: string, ...args: string[]]>}
 */
const testers = {
  rules: [join(root, folder, "node_modules", ".bin", "stryker"), "run", `${folder}/stryker.config.mjs`],
  authority: [process.execPath, "--import", "tsx", `${folder}/authority.ts`],
};

// A tester ends what it started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, endRunning);
try {
  checkNode();
  const [name = "", ...options] = process.argv.slice(2);
  const tester = testers[name];
  if (!tester) throw new Error(`there is no tester "${name}": ${Object.keys(testers).join(", ")}`);
  await install();
  await generateClient();
  await installTool(folder);
  const [program, ...args] = tester;
  await run(program, [...args, ...options]);
} catch (error) {
  console.error(`The mutation tester did not finish: ${errorText(error)}`);
  process.exitCode = 1;
}
