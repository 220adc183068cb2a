import { defineConfig } from "@playwright/test";
import { keepFilesInMemory } from "./tests/support/processes/files-in-memory";

keepFilesInMemory();

export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results",
  workers: 3,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  globalSetup: "./tests/support/e2e/setup.ts",
  // The weights of pages are measured first, on a demo that no journey has added rows to. Nothing depends on their result.
  projects: [
    { name: "sizes", testMatch: "**/sizes.spec.ts" },
    { name: "journeys", testIgnore: "**/sizes.spec.ts" },
  ],
  use: { screenshot: "only-on-failure", reducedMotion: "reduce" },
});
