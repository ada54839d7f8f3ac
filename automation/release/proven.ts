import { type Release } from "../../runtime/releases/domain";
import { type GateReport } from "../gates/domain";
import { describeFinding } from "../gates/present";
import { type GateProof, proofOf, readDependenciesProof } from "../gates/proof";
import { coverageFile, judgeCoverage, judgeTests, testReportFile } from "../gates/testRun";
import { Problem } from "../problem";
import { readOptional } from "./files";
import { percentageOf, readCloverLines, readJunit } from "./testReports";

export interface Proven {
  readonly testResults: Release["testResults"];
  readonly gates: GateProof[];
}

/**
 * What the gates say about a built checkout. Tests and coverage are judged again, from the reports that are there now;
 * the dependency gate has asked the registry and is believed.
 * @param dependenciesGate what the dependency gate of this build exported.
 * @throws Problem `refused` when a gate blocks, or the dependency gate did not run.
 */
export async function provenBy(
  folder: string,
  coverageThreshold: number,
  dependenciesGate: string | undefined,
): Promise<Proven> {
  const tests = readJunit(await readOptional(folder, testReportFile));
  const coverage = readCloverLines(await readOptional(folder, coverageFile));
  const reports = [judgeTests(tests), judgeCoverage(coverage, coverageThreshold)];
  const proofs = reports.flatMap((report) => proofOf(report) ?? []);
  if (tests.kind !== "read" || coverage.kind !== "read" || proofs.length < reports.length) throw blockedBy(reports);
  const dependencies = readDependenciesProof(dependenciesGate);
  if (dependencies === undefined) {
    throw new Problem("refused", {
      what: "The dependency gate of this build has not let the commit pass",
      value: `DEPENDENCIES_GATE ${dependenciesGate === undefined ? "is not set" : `is "${dependenciesGate}"`}`,
      allowed: "what `kiro-pipeline gate dependencies --outputs gates.env` exports: passed, warned or skipped, and why",
      remedy: "Run it before, in the same build, and source the file.",
    });
  }
  return {
    testResults: {
      unitTestsPassed: true,
      // They run in an environment, against the deployed release: none has run yet.
      integrationTestsPassed: false,
      e2eTestsPassed: false,
      coveragePercentage: percentageOf(coverage.value),
      testSummary: tests.value.summary,
      failedTests: [...tests.value.failedTests],
    },
    gates: [...proofs, dependencies],
  };
}

function blockedBy(reports: readonly GateReport[]): Problem {
  const blocked = reports.filter(({ outcome }) => outcome === "blocked");
  return new Problem("refused", {
    what: "A gate blocks this commit",
    value: blocked.map(({ gate, measured }) => `${gate}: ${measured}`).join("; "),
    allowed: blocked.map(({ gate, allowed }) => `${gate}: ${allowed}`).join("; "),
    remedy: blocked.flatMap(({ findings }) => findings.map(describeFinding)).join(" "),
  });
}
