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
  // The many short tests of every page come last, so that no worker waits for another's long journey at the end.
  projects: [
    { name: "sizes", testMatch: "**/sizes.spec.ts" },
    { name: "journeys", testIgnore: ["**/sizes.spec.ts", "**/every-page.spec.ts"] },
    { name: "every-page", testMatch: "**/every-page.spec.ts" },
  ],
  use: { screenshot: "only-on-failure", reducedMotion: "reduce" },
});
