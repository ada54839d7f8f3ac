import { type Env, type Variables } from "../variables";

/** Percent of the lines, where the installation says nothing else. */
const usualThreshold = 80;

/** `COVERAGE_THRESHOLD` of this build. */
export function coverageThreshold(variables: Variables, env: Env): number {
  if (env["COVERAGE_THRESHOLD"] === undefined) return usualThreshold;
  return Number(variables.text("COVERAGE_THRESHOLD", /^(\d|[1-9]\d|100)$/, "a whole number of percent, 0 to 100"));
}
