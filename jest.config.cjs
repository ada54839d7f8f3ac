/** Kinds of test by their cost: unit and property need nothing, integration the emulator, scenario the whole local cloud. */
const base = {
  testEnvironment: "node",
  testEnvironmentOptions: { globalsCleanup: "on" },
  transform: { "^.+\\.ts$": ["ts-jest", {}] },
  modulePathIgnorePatterns: ["<rootDir>/.local", "<rootDir>/build", "<rootDir>/examples"],
};
const project = (name, extra = {}) => ({ ...base, displayName: name, testMatch: [`<rootDir>/test/${name}/**/*.test.ts`], ...extra });

module.exports = {
  projects: [project("unit"), project("property"), project("integration"), project("scenario")],
};
