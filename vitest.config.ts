import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { keepFilesInMemory } from "./tests/support/processes/files-in-memory.ts";

keepFilesInMemory();

/**
 * The files that are begun first: those that take longest, since one of them begun last would be waited for alone, and those
 * that mostly wait, while others can use the processors. Of those that wait, few stand together.
 */
const first = [
  "gate/every-gate",
  "gate/every-verb",
  // A worker begins anew for another project, so this one is begun by a new worker.
  "model/model",
  "notifications/mail-server-faults",
  "gate/beyond-authority",
  "gate/rights-to-the-end",
  "server/silent-database",
  "server/backup-files",
  "people/sign-in",
  "server/leftover-postgres",
  "imports/import-group-members",
  "people/names",
  "server/health",
  "figures/dashboard-queries",
  "imports/large-uploads",
  "server/backup",
  "gate/lock-order",
  "server/worker",
  "people/provider-handshake",
  "server/rotate",
];

class BegunFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = first.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return found < 0 ? first.length : found;
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
    sequence: { sequencer: BegunFirst },
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
