import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ConfigError, parseConfig } from "../../../components/config";
import { CONFIG_KEYS } from "../../../components/configKeys";

type Key = (typeof CONFIG_KEYS)[number];

const VALID: Readonly<Record<Key, fc.Arbitrary<string>>> = {
  githubOwner: fc.constantFrom("a", "my-team", "A1"),
  githubRepo: fc.constantFrom("worker", "my.repo_1"),
  branch: fc.constantFrom("main", "release/1.2", "x"),
  connectionArn: fc.constant(""),
  executionMode: fc.constantFrom("SUPERSEDED", "QUEUED"),
  coverageThreshold: fc.integer({ min: 0, max: 100 }).map(String),
  infrastructurePatterns: fc
    .array(fc.constantFrom("infrastructure/**", "*.json", "a b/{c,d}/[e]?", ".x"), { minLength: 1, maxLength: 20 })
    .map((patterns) => JSON.stringify(patterns)),
  healthCheckDuration: fc
    .integer({ min: 1, max: 45 })
    .map((production) => JSON.stringify({ test: 0.05, staging: 5, production })),
  healthCheckInterval: fc.constantFrom("0.05", "0.5", "2"),
  canaryInterval: fc.constantFrom("0.1", "1"),
  lockWait: fc.constantFrom("0.1", "20", "45"),
  watchWindow: fc
    .integer({ min: 1, max: 1440 })
    .map((production) => JSON.stringify({ test: 0.5, staging: 30, production })),
  rollbackBudget: fc.integer({ min: 1, max: 100 }).map((production) => JSON.stringify({ staging: 8, production })),
  settleTime: fc.constantFrom("0.05", "1", "15"),
  validationGrace: fc.constantFrom("0.5", "2", "15"),
  longestValidation: fc.constantFrom("1", "15"),
  notificationEmails: fc.constantFrom("[]", '["a@example.com","b@example.com"]'),
  buildsInVpc: fc.constantFrom("true", "false"),
  protectData: fc.constantFrom("true", "false"),
};

const WRONG: Readonly<Record<Key, fc.Arbitrary<string | undefined>>> = {
  githubOwner: fc.constantFrom(undefined, "", "-a", "a b", "x".repeat(40)),
  githubRepo: fc.constantFrom(undefined, "", "a/b"),
  branch: fc.constantFrom(undefined, "", "a..b", "/a", "a/", "a b", "*", "a.lock"),
  connectionArn: fc.constantFrom(undefined, "x", "arn:aws:iam::1:role/r"),
  executionMode: fc.constantFrom(undefined, "", "superseded", "PARALLEL"),
  coverageThreshold: fc.constantFrom(undefined, "", "-1", "101", "1.5", "NaN"),
  infrastructurePatterns: fc.constantFrom(
    undefined,
    "",
    "[]",
    '[""]',
    '["a",1]',
    '["/a"]',
    '["a/../b"]',
    '["!(a)"]',
    "a",
  ),
  healthCheckDuration: fc.constantFrom(undefined, "", "{", "{}", "[]", '{"test":5,"staging":5,"production":"10"}'),
  healthCheckInterval: fc.constantFrom(undefined, "", "0", "46", "1e1", "Infinity"),
  canaryInterval: fc.constantFrom(undefined, "", "0", "46", "x"),
  lockWait: fc.constantFrom(undefined, "", "0", "-20"),
  watchWindow: fc.constantFrom(undefined, "", "30", "{}", '{"test":30,"staging":30,"production":1441}'),
  rollbackBudget: fc.constantFrom(
    undefined,
    "",
    "4",
    "{}",
    '{"staging":0,"production":4}',
    '{"staging":8.5,"production":4}',
  ),
  settleTime: fc.constantFrom(undefined, "", "0", "16"),
  validationGrace: fc.constantFrom(undefined, "", "0", "-2"),
  longestValidation: fc.constantFrom(undefined, "", "0", "15.1"),
  notificationEmails: fc.constantFrom(undefined, "", "{}", "[1]", '["@"]', "a@example.com"),
  buildsInVpc: fc.constantFrom(undefined, "yes"),
  protectData: fc.constantFrom(undefined, "", "1", "True"),
};

describe("parseConfig", () => {
  const subset = fc.subarray([...CONFIG_KEYS]);
  const unknown = fc.subarray(["githubToken", "vpc", "toString", "__proto__x", "hasOwnProperty"]);
  const stack = fc.constantFrom("test", "staging", "prod", "production", "dev", "");

  it("reports exactly the keys that are wrong, whatever else is", () => {
    const sizes = new Set<number>();
    const input = fc.tuple(subset, unknown, stack, fc.record(VALID), fc.record(WRONG));
    fc.assert(
      fc.property(input, ([wrong, extra, installation, good, bad]) => {
        const values = CONFIG_KEYS.map((key) => [key, wrong.includes(key) ? bad[key] : good[key]] as const);
        const raw = { ...Object.fromEntries(values), ...Object.fromEntries(extra.map((key) => [key, "secret-value"])) };
        const stackIsWrong = !["test", "staging", "prod"].includes(installation);
        const expected = [...(stackIsWrong ? ["stack"] : []), ...extra, ...wrong];
        sizes.add(expected.length);

        expect(reportedKeys(raw, installation).sort()).toEqual(expected.sort());
      }),
      { numRuns: 300 },
    );
    expect(sizes.has(0) || sizes.has(1)).toBe(true);
    expect(Math.max(...sizes)).toBeGreaterThan(8);
  });
});

// Helpers

function reportedKeys(raw: Readonly<Record<string, string | undefined>>, installation: string): string[] {
  try {
    expect(parseConfig(raw, installation).installation).toBe(installation);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain("secret-value");
    return error.mistakes.map((mistake) => /^(?:kiro-pipeline:)?(\w+)/.exec(mistake)?.[1] ?? mistake);
  }
}
