import { defineConfig } from "vitest/config";

/** The tests of rules that need no database, for the mutation tester: those that read no source text and start nothing. */
export default defineConfig({
  resolve: { alias: { "@": process.cwd() } },
  test: {
    include: ["tests/{unit,property}/**/*.test.ts"],
    testTimeout: 30_000,
  },
});
