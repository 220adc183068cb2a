import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { keepFilesInMemory } from "./tests/support/processes/files-in-memory.ts";

keepFilesInMemory();

/** The files that take longest, the longest first: begun last, one of them would be waited for alone. */
const longest = [
  "gate/every-gate",
  "gate/every-verb",
  "gate/beyond-authority",
  "model/model",
  "notifications/mail-server-faults",
  "gate/rights-to-the-end",
  "people/sign-in",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  resolve: { alias: { "@": import.meta.dirname } },
  test: {
    // One more than there are processors, since a test waits for PostgreSQL much of its time.
    maxWorkers: availableParallelism() + 1,
    // The files that one worker runs share their modules: loading them anew for each file takes as long as the tests.
    // What a file changes beyond its own database is put back after it.
    isolate: false,
    setupFiles: ["tests/support/database/put-back.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["tests/{unit,property}/**/*.test.ts"], testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["tests/integration/**/*.test.ts"],
          globalSetup: ["tests/support/database/setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "model",
          include: ["tests/model/**/*.test.ts"],
          globalSetup: ["tests/support/database/setup.ts"],
        },
      },
    ],
  },
});
