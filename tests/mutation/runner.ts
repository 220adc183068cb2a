import { resolve } from "node:path";
import { BaseSequencer, createVitest, type TestModule, type TestSpecification } from "vitest/node";
import { keepFilesInMemory } from "../support/processes/files-in-memory.ts";
import { endWorker, KeptWorker } from "./kept-worker.ts";

/** What the tests said of a change: the file whose test failed first, and how. */
export interface Failure {
  readonly test: string;
  readonly message: string;
}

export interface Runner {
  /** Runs these files of tests in this order, with one source file changed, until a test fails. */
  run(
    tests: readonly string[],
    change: { readonly file: string; readonly code: string } | null,
  ): Promise<Failure | null>;
  /** Runs the next tests in another process. */
  renew(): void;
  close(): Promise<void>;
}

/** Files run in the order in which they are asked for. */
let order: readonly string[] = [];

class AsAsked extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => order.indexOf(moduleId);
    return [...files].sort((a, b) => place(a) - place(b));
  }
}

/** How many runs one process serves. Failed tests may leave connections open in it. */
const runsOfWorker = 40;

/** Starts PostgreSQL once, if the tests need it. No file is written: Vite is given a changed copy as it reads one. */
export async function startRunner(folders: readonly string[]): Promise<Runner> {
  keepFilesInMemory();
  const copies = new Map<string, string>();
  let runs = 0;
  const vitest = await createVitest(
    "test",
    {
      ...{ config: false, root: process.cwd(), watch: true, reporters: [{}], bail: 1 },
      include: folders.map((folder) => `${folder}/**/*.test.ts`),
      globalSetup: folders.includes("tests/integration") ? ["tests/support/database/setup.ts"] : [],
      setupFiles: ["tests/mutation/activate.ts", "tests/support/database/put-back.ts"],
      ...{ isolate: false, maxWorkers: 1, fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 },
      pool: { name: "kept", createPoolWorker: (options) => new KeptWorker(options) },
      sequence: { sequencer: AsAsked },
    },
    {
      resolve: { alias: { "@": process.cwd() } },
      server: { watch: null },
      plugins: [{ name: "mutant", enforce: "pre", load: (id) => copies.get(id) ?? null }],
    },
  );
  await vitest.standalone();
  return {
    async run(tests, change) {
      runs += 1;
      if (runs % runsOfWorker === 0) endWorker();
      const file = change && resolve(change.file);
      copies.clear();
      if (change) copies.set(`${file}?mutant=${runs}`, change.code);
      vitest.provide("mutant", file === null ? null : { file, id: runs });
      order = tests.map((test) => resolve(test));
      // What failed before is no news of this run.
      vitest.state.filesMap.clear();
      const found = await vitest.globTestSpecifications([...tests]);
      const wanted = found.filter(({ moduleId }) => order.includes(moduleId));
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(wanted, false);
      const failed = testModules.find((each) => each.state() === "failed");
      if (failed) return { test: failed.relativeModuleId, message: messageOf(failed) };
      const [error] = unhandledErrors;
      return error ? { test: tests[0] ?? "", message: String(error) } : null;
    },
    renew: endWorker,
    async close() {
      endWorker();
      await vitest.close();
    },
  };
}

function messageOf(failed: TestModule): string {
  const errors = [...failed.errors()];
  for (const test of failed.children.allTests("failed")) errors.push(...(test.result().errors ?? []));
  for (const suite of failed.children.allSuites()) errors.push(...suite.errors());
  return errors.map(({ message }) => message).join("\n");
}
