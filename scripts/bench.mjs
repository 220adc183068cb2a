// Measures the built product on its demo data and prints every figure beside a lower bound from the same run.
// Asserts nothing.
import { errorText } from "./parts/fault.mjs";
import { checkNode, generateClient, install, installTool } from "./parts/install.mjs";

try {
  checkNode();
  await install();
  await generateClient();
  await installTool("tests/bench");
  const { run } = await import("./parts/run.mjs");
  await run(process.execPath, ["--import", "tsx", "tests/bench/run.ts", ...process.argv.slice(2)]);
} catch (error) {
  console.error(`The benchmark did not finish: ${errorText(error)}`);
  process.exitCode = 1;
}
