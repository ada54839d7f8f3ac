import { type SecurityViolation } from "../../runtime/types";

/** What every commit is asked before it becomes a release, in the order in which it is told. */
export const GATES = ["tests", "coverage", "dependencies"] as const;
export type Gate = (typeof GATES)[number];

/** `skipped`: it could not be measured, where that is allowed. */
type Outcome = "passed" | "warned" | "skipped" | "blocked";

/** Findings of every gate have the shape of a scan's. */
export type Finding = SecurityViolation;

export interface GateReport {
  readonly gate: Gate;
  readonly outcome: Outcome;
  /** What was measured, in one line. */
  readonly measured: string;
  /** What lets a commit pass. */
  readonly allowed: string;
  /** What blocks first. */
  readonly findings: readonly Finding[];
}

const effects: readonly Finding["effect"][] = ["blocks", "warns", "informs"];

/** The worst finding decides the outcome. */
export function reportOf(gate: Gate, measured: string, allowed: string, found: readonly Finding[]): GateReport {
  const findings = effects.flatMap((effect) => found.filter((finding) => finding.effect === effect));
  const outcome = { blocks: "blocked", warns: "warned", informs: "passed" } as const;
  return { gate, outcome: outcome[findings[0]?.effect ?? "informs"], measured, allowed, findings };
}
