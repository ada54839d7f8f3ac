import { SecurityScanError } from "../../runtime/errors";
import { readCloverLines, readJunit } from "../release/testReports";
import { allowlistFile, readAllowlist } from "./allowlist";
import { type Audit } from "./auditReport";
import { allowedDependencies, judgeDependencies } from "./dependencies";
import { type Gate, type GateReport, GATES } from "./domain";
import { coverageFile, judgeCoverage, judgeTests, testReportFile } from "./testRun";

/** A worker's checkout. */
export interface CheckoutPorts {
  /** Text of a file, undefined when there is none. */
  readonly read: (file: string) => Promise<string | undefined>;
  /** Audits the lock file in a folder. */
  readonly audit: (folder: string) => Promise<Audit>;
}

export interface GateRules {
  /** Least percent of covered lines. */
  readonly coverageThreshold: number;
  /** YYYY-MM-DD in UTC. */
  readonly today: string;
  readonly localCloud: boolean;
}

/** Asks every gate that was asked for, also after one that blocks: one correction should be enough. */
export async function runGates(
  asked: readonly Gate[],
  rules: GateRules,
  { read, audit }: CheckoutPorts,
): Promise<readonly GateReport[]> {
  const ask: Readonly<Record<Gate, () => Promise<GateReport>>> = {
    tests: async () => judgeTests(readJunit(await read(testReportFile))),
    coverage: async () => judgeCoverage(readCloverLines(await read(coverageFile)), rules.coverageThreshold),
    dependencies: () => scanDependencies(rules, { read, audit }).catch(blockedByScan),
  };
  const reports: GateReport[] = [];
  for (const gate of GATES) if (asked.includes(gate)) reports.push(await ask[gate]());
  return reports;
}

/**
 * Audits the dependencies of a worker and, if it has any, of its infrastructure.
 * @throws SecurityScanError with all that was found, when something of it blocks.
 */
export async function scanDependencies(
  { today, localCloud }: Pick<GateRules, "today" | "localCloud">,
  { read, audit }: CheckoutPorts,
): Promise<GateReport> {
  const folders = [".", ...((await read("infrastructure/package.json")) === undefined ? [] : ["infrastructure"])];
  const audits = await Promise.all(
    folders.map(async (folder) => ({
      lockFile: folder === "." ? "package-lock.json" : `${folder}/package-lock.json`,
      audit: await audit(folder),
    })),
  );
  const report = judgeDependencies(audits, readAllowlist(await read(allowlistFile), today), localCloud);
  if (report.outcome === "blocked") throw new SecurityScanError(report.measured, report.findings);
  return report;
}

function blockedByScan(error: unknown): GateReport {
  if (!(error instanceof SecurityScanError)) throw error;
  const { message, violations } = error;
  return {
    gate: "dependencies",
    outcome: "blocked",
    measured: message,
    allowed: allowedDependencies,
    findings: violations,
  };
}
