/** The tests that mutants of policies, gates and classifier have to survive. */
const { projects } = require("../jest.config.cjs");
const [{ displayName, testMatch, ...unit }] = projects;

module.exports = {
  ...unit,
  rootDir: "..",
  testMatch: ["policy", "automation/changes", "automation/gates"].flatMap((room) =>
    ["unit", "property"].map((kind) => `<rootDir>/test/${kind}/${room}/**/*.test.ts`),
  ),
};
