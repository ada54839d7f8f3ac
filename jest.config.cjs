/** Kinds of test by their cost: unit and property need nothing, integration the emulator, scenario the whole local cloud. */
const base = {
  testEnvironment: "node",
  testEnvironmentOptions: { globalsCleanup: "on" },
  transform: { "^.+\\.ts$": ["ts-jest", {}] },
  modulePathIgnorePatterns: ["<rootDir>/.local", "<rootDir>/build", "<rootDir>/examples"],
};
const project = (name) => ({ ...base, displayName: name, testMatch: [`<rootDir>/test/${name}/**/*.test.ts`] });

module.exports = {
  projects: [project("unit"), project("property"), project("integration"), project("scenario")],
  testSequencer: "<rootDir>/test/support/sequencer.cjs",
  testTimeout: 60_000,
  coverageDirectory: "coverage",
  coverageReporters: ["text-summary", "lcovonly"],
  collectCoverageFrom: ["components", "runtime", "automation", "policy", "local"].map((room) => `${room}/**/*.ts`),
  coverageThreshold: {
    global: { lines: 85, branches: 85 },
    "./runtime/": { lines: 95, branches: 95 },
    "./policy/": { lines: 95, branches: 95 },
  },
};
