// Runs the reference model for longer: npm run test:model -- --runs 500 --seed 7. Seeds that disagree are
// stored, and run first from then on.
import { parseArgs } from "node:util";
import { errorText } from "./parts/fault.mjs";
import { checkNode, generateClient, install } from "./parts/install.mjs";

try {
  checkNode();
  const { values } = parseArgs({
    options: { runs: { type: "string", default: "200" }, seed: { type: "string" } },
  });
  await install();
  const { runInstalled } = await import("./parts/run.mjs");
  await generateClient();
  const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000_000));
  console.log(`Seed ${seed}: say --seed ${seed} to run the same again.`);
  await runInstalled("vitest", ["run", "--project", "model"], {
    POSTERN_MODEL_RUNS: values.runs,
    POSTERN_MODEL_SEED: seed,
    POSTERN_MODEL_KEEP: "1",
  });
} catch (error) {
  console.error(`\nNot in order: ${errorText(error)}`);
  process.exitCode = 1;
}
