import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: "../../test-results/upgrade",
  workers: 1,
  timeout: 1_800_000,
  expect: { timeout: 30_000 },
  reporter: "list",
  use: { reducedMotion: "reduce" },
});
