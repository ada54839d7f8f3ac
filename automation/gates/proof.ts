import { type Release } from "../../runtime/releases/domain";
import { type GateReport } from "./domain";

/** What a release says about a gate that it went through. */
export type GateProof = NonNullable<Release["gates"]>[number];

/** Variable in which `gate dependencies` hands its outcome on to `release publish`. */
export const dependenciesVariable = "DEPENDENCIES_GATE";

/** undefined for a gate that blocks: of that there is no proof to carry. */
export function proofOf({ gate, outcome, measured }: GateReport): GateProof | undefined {
  return outcome === "blocked" ? undefined : { gate, outcome, because: measured };
}

/** `passed: 12 packages: nothing known`, on one line. */
export const renderProof = ({ outcome, because }: GateProof): string => `${outcome}: ${because.replace(/\s+/g, " ")}`;

/** What the dependency gate of this build said; undefined when it did not run, or blocked. */
export function readDependenciesProof(value: string | undefined): GateProof | undefined {
  const { outcome, because } = /^(?<outcome>passed|warned|skipped): (?<because>.+)$/.exec(value ?? "")?.groups ?? {};
  if (outcome === undefined || because === undefined) return undefined;
  return { gate: "dependencies", outcome: outcome as GateProof["outcome"], because };
}
