/**
 * The mutation tester: changes one thing of a rule at a time and asks whether a test that needs no database fails.
 * `npm run test:mutation -- --mutate "lib/domain/gate/*.ts"` tries one room; docs/decisions/mutation-score.md says how
 * it stands.
 */
export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner"],
  vitest: { configFile: "tests/mutation/vitest.config.ts" },
  mutate: ["lib/domain/**/*.ts", "lib/authority/**/*.ts"],
  // Words are read by people; where one decides, the comparison with it is changed as well.
  mutator: { excludedMutations: ["StringLiteral"] },
  ignorePatterns: ["/public", "/.next*", "/.postern*", "/test-results"],
  tempDirName: ".postern-mutation",
  reporters: ["clear-text", "progress-append-only", "json"],
  jsonReporter: { fileName: ".postern/mutation-report.json" },
  clearTextReporter: { allowColor: false, logTests: false, reportScoreTable: true },
  // What is worked out once when a file is loaded, such as tables of words, would need every test run anew.
  ignoreStatic: true,
  concurrency: 1,
  incremental: false,
  disableTypeChecks: false,
  // It would rewrite the project's by an interface that TypeScript 7 does not have; nothing here needs it rewritten.
  tsconfigFile: "tests/mutation/no-tsconfig.json",
};
