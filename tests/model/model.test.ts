import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { beginning } from "./beginning";
import { generate, inWords, shrink } from "./generate";
import { runSequence } from "./sequence";
import { makeStage } from "./world";

/** Seeds that once disagreed: they always run first. */
const kept = new URL("failing-seeds.txt", import.meta.url);
const failing = existsSync(kept)
  ? readFileSync(kept, "utf8")
      .split("\n")
      .flatMap((line) => (/^\d+/.test(line) ? [Number.parseInt(line, 10)] : []))
  : [];
const runs = Number(process.env.POSTERN_MODEL_RUNS ?? 40);
const first = Number(process.env.POSTERN_MODEL_SEED ?? 1);
const length = 30;
const keep = process.env.POSTERN_MODEL_KEEP === "1";
const seeds = [...new Set([...failing, ...Array.from({ length: runs }, (_, index) => first + index)])];

it(`the product agrees with the model in ${seeds.length} sequences from seed ${first}`, async () => {
  const began = performance.now();
  const waiting = [...seeds];
  const reports: string[] = [];
  let [commands, together] = [0, 0];
  const runSome = async () => {
    const stage = await makeStage(beginning(0));
    for (let seed = waiting.shift(); seed !== undefined && reports.length === 0; seed = waiting.shift()) {
      const steps = generate(seed, length);
      commands += steps.reduce((sum, step) => sum + step.commands.length, 0);
      together += steps.filter((step) => step.commands.length > 1).length;
      const found = await runSequence(stage, seed, steps);
      if (!found) continue;
      if (keep && !failing.includes(seed)) appendFileSync(kept, `${seed}\n`);
      const shorter =
        process.env.POSTERN_MODEL_SHRINK === "0" ? { found } : await shrink(stage, seed, steps, found);
      reports.push(inWords(seed, shorter.found));
    }
    await stage.close();
  };
  await Promise.all([runSome(), runSome()]);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.info(
    `${seeds.length} sequences, ${commands} commands, ${together} steps of several at once, ${seconds} s`,
  );
  expect(reports.join("\n\n")).toBe("");
}, 3_600_000);
