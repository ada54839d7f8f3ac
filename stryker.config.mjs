/** Mutation tests of what decides whether something may pass: by hand (`npm run mutate`), never in CI. Scores: docs/testing.md. */
export default {
  testRunner: "jest",
  jest: { projectType: "custom", configFile: "test/mutation.jest.cjs", enableFindRelatedTests: true },
  coverageAnalysis: "perTest",
  mutate: [
    "policy/**/*.ts",
    "automation/changes/**/*.ts",
    "automation/gates/**/*.ts",
    // The edges to the engine and to npm, and the rendering of a document.
    "!policy/index.ts",
    "!policy/docs.ts",
    "!automation/gates/npmAudit.ts",
  ],
  ignoreStatic: true,
  ignorePatterns: ["/build", "/.local", "/coverage", "/examples"],
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { allowColor: false, logTests: false },
  tempDirName: ".local/stryker",
};
