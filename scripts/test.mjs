// Checks and tests everything; ends with a non-zero code at the first thing that is not in order.
import { checkNode, generateClient, install } from "./parts/install.mjs";

const step = (name) => console.log(`\n— ${name}`);
try {
  checkNode();
  await install();
  const { runInstalled } = await import("./parts/run.mjs");
  await generateClient();
  step("Format and lint");
  await runInstalled("biome", ["check", "--error-on-warnings", "."]);
  step("Types");
  await runInstalled("tsc", ["--noEmit"]);
  step("Rules, operations and queries");
  await runInstalled("vitest", ["run"]);
  step("Journeys in a browser, on the built product");
  await runInstalled("playwright", ["test"]);
} catch (error) {
  console.error(`\nNot in order: ${error.message}`);
  process.exitCode = 1;
}
