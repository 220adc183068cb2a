/**
 * The mutation tester for what asks the database: changes one thing of a file of lib/authority at a time, its SQL
 * included, and asks whether one of the integration tests that are nearest to it fails.
 * `npm run test:mutation:authority -- --sample 12 lib/authority/ways-in.ts` tries twelve changes of one file, evenly
 * spread. Files of lib/domain are tried with the tests that need no database. docs/decisions/mutation-score.md says how
 * it stands.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { changed, mutantsOf, sample } from "./mutants.ts";
import { nearTests } from "./near-tests.ts";
import { startRunner } from "./runner.ts";
import type { Mutant } from "./sql-mutants.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** How many changes of each file are tried. */
    sample: { type: "string", default: "12" },
    /** How many files of tests a change must survive. */
    tests: { type: "string", default: "12" },
    /** Tests that are run besides, after the nearest. */
    with: { type: "string", multiple: true, default: [] },
    /** Which of the nearest are left out, since they ran before. */
    skip: { type: "string", default: "0" },
    /** Only the changes that have survived every run so far, as the report says. */
    survivors: { type: "boolean", default: false },
    /** Only the changes that begin at these places of the file, such as those that survived. */
    at: { type: "string", multiple: true, default: [] },
    /** Says which changes there are, and tries none. */
    list: { type: "boolean", default: false },
  },
});

const report = ".postern/mutation-authority.jsonl";
/** What neither TypeScript nor PostgreSQL can run. Such a change shows nothing. */
const cannotRun = /Code: `42(?!501)|syntax error at|Transform failed|PARSE_ERROR|is not defined/;
const outOfTime = /timed out in|timeout exceeded/;

const files =
  positionals.length > 0
    ? positionals
    : readdirSync("lib/authority", { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => `lib/authority/${name}`)
        .sort();

/** Rules of lib/domain ask no database, and neither do their tests. */
const folders = files.every((file) => file.startsWith("lib/domain/"))
  ? ["tests/unit", "tests/property"]
  : ["tests/integration"];

/** The text of each file as it was first read, so that it may be edited meanwhile. */
const texts = new Map<string, string>();
function textOf(file: string): string {
  const text = texts.get(file) ?? readFileSync(file, "utf8");
  texts.set(file, text);
  return text;
}

function lineOf(file: string, { start }: Mutant): string {
  const before = textOf(file).slice(0, start).split("\n");
  return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

const keyOf = ({ start, end, replacement }: Mutant) => `${start} ${end} ${replacement}`;

async function mutantsToTry(file: string): Promise<Mutant[]> {
  const all = await mutantsOf(file, textOf(file));
  if (values.survivors) {
    const states = new Map<string, string>();
    for (const line of readFileSync(report, "utf8").trim().split("\n")) {
      const tried: Mutant & { file: string; state: string } = JSON.parse(line);
      if (tried.file === file) states.set(keyOf(tried), tried.state);
    }
    return all.filter((each) => states.get(keyOf(each)) === "survived");
  }
  if (values.at.length > 0) return all.filter(({ start }) => values.at.includes(String(start)));
  return sample(all, Number(values.sample));
}

const near = nearTests(folders);
/** What failed, and how often: what notices one change of a file often notices the next. */
const kills = new Map<string, number>();
/** The tests that pass without a change, and those that do not. */
const sound = new Map<string, boolean>();

function testsFor(file: string, mutant: Mutant): string[] {
  const nearest = near(file, mutant.start).slice(Number(values.skip), Number(values.tests));
  const killed = (test: string) => kills.get(`${file} ${test}`) ?? 0;
  return [...new Set([...nearest, ...values.with])]
    .filter((test) => sound.get(test) !== false)
    .sort((a, b) => killed(b) - killed(a));
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function tryAll(): Promise<void> {
  const runner = await startRunner(folders);
  // A run that is broken off leaves no PostgreSQL behind.
  for (const signal of ["SIGINT", "SIGTERM"])
    process.once(signal, () => void runner.close().finally(() => process.exit(1)));
  mkdirSync(".postern", { recursive: true });
  try {
    for (const file of files) {
      const counts = { killed: 0, survived: 0, invalid: 0 };
      for (const mutant of await mutantsToTry(file)) {
        const code = changed(textOf(file), mutant);
        const began = performance.now();
        if (testsFor(file, mutant).length === 0) write(`no test reaches ${lineOf(file, mutant)}`);
        let failure = await runner.run(testsFor(file, mutant), { file, code });
        while (failure && !sound.get(failure.test)) {
          // In a new process, since a module that was loaded with the change keeps what it computed then.
          runner.renew();
          sound.set(failure.test, (await runner.run([failure.test], null)) === null);
          if (!sound.get(failure.test)) {
            write(`not in order without a change: ${failure.test} ${failure.message.slice(0, 300)}`);
            failure = await runner.run(testsFor(file, mutant), { file, code });
          }
        }
        // On a busy machine a test may also be too slow.
        if (failure && outOfTime.test(failure.message)) {
          runner.renew();
          failure = await runner.run(testsFor(file, mutant), { file, code });
        }
        const state = !failure ? "survived" : cannotRun.test(failure.message) ? "invalid" : "killed";
        counts[state] += 1;
        if (failure) kills.set(`${file} ${failure.test}`, (kills.get(`${file} ${failure.test}`) ?? 0) + 1);
        const by = failure?.test.replace(/^tests\/(?:integration\/)?|\.test\.ts$/g, "") ?? "";
        appendFileSync(
          report,
          `${JSON.stringify({ file, ...mutant, state, by, message: failure?.message })}\n`,
        );
        const seconds = Math.round((performance.now() - began) / 1000);
        write(`${state.padEnd(8)} ${lineOf(file, mutant)} ${mutant.name} ${by} ${seconds} s`);
        if (state === "survived")
          write(`         ${mutant.start}: ${JSON.stringify(mutant.replacement.slice(0, 100))}`);
      }
      const counted = counts.killed + counts.survived;
      const score = counted > 0 ? Math.round((100 * counts.killed) / counted) : 100;
      write(`${file}: ${score} %, ${counts.killed} of ${counted} noticed, ${counts.invalid} cannot run`);
    }
  } finally {
    await runner.close();
  }
}

if (values.list) {
  for (const file of files)
    for (const each of await mutantsToTry(file)) write(`${each.start} ${lineOf(file, each)} ${each.name}`);
} else {
  await tryAll();
  // Vitest has set it: a test that fails is what every run is for.
  process.exitCode = 0;
}
