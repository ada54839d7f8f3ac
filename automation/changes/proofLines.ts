import { type InfrastructureDecision } from "../../runtime/deployments/domain";
import { type BoundPlan } from "../engine/boundPlan";
import { describeChange, describeTuple } from "./scope";

/** The whole proof of a decision, for the log: what a record and an approval have to cut is here. */
export function proofLines({ proof }: InfrastructureDecision, plan: BoundPlan | undefined): readonly string[] {
  if (proof === undefined) return [];
  const { gates = [], files, appliedDigest, wantedDigest, policyPack, changeDigest } = proof;
  const { changes = [], outputs = [], class: changeClass } = plan?.classification ?? {};
  return [
    ...gates.map(({ gate, outcome, because }) => `  gate ${gate}: ${outcome}, ${because}`),
    `  infrastructure digest: ${wantedDigest ?? "none"}, applied: ${appliedDigest === undefined ? "unknown" : (appliedDigest ?? "none")}`,
    `  infrastructure files touched since: ${files === undefined ? "unknown" : files.length === 0 ? "none" : files.join(", ")}`,
    ...(policyPack === undefined ? [] : [`  policies: passed, pack ${policyPack}`]),
    ...(changeClass === undefined ? [] : [`  class: ${changeClass}, change ${changeDigest ?? "?"}`]),
    ...changes.flatMap((change) => [
      `    ${describeChange(change)} (${[change.class, ...change.properties].join(": ")})`,
      ...change.adds.map((tuple) => `      adds ${describeTuple(tuple)}`),
    ]),
    ...outputs.map((name) => `    output ${name}`),
  ];
}
