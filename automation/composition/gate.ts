import { type GateArgs } from "../commands";
import { isLocalCloud } from "../gates/localCloud";
import { npmAudit } from "../gates/npmAudit";
import { presentGates } from "../gates/present";
import { dependenciesVariable, proofOf, renderProof } from "../gates/proof";
import { runGates } from "../gates/run";
import { coverageThreshold } from "../gates/settings";
import { writeOutputs } from "../outputs";
import { readOptional } from "../release/files";
import { type CommandResult } from "../result";
import { readVariables } from "../variables";
import { type Surroundings } from "./surroundings";

export async function gate({ gates, outputs }: GateArgs, surroundings: Surroundings): Promise<CommandResult> {
  const { env, cwd, signal } = surroundings;
  const rules = {
    coverageThreshold: readVariables(env, (variables) => coverageThreshold(variables, env)),
    today: new Date().toISOString().slice(0, 10),
    localCloud: isLocalCloud(env["AWS_ENDPOINT_URL"]),
  };
  const reports = await runGates(gates, rules, {
    read: (file) => readOptional(cwd, file),
    audit: npmAudit(cwd, env, signal),
  });
  const dependencies = reports.find((report) => report.gate === "dependencies");
  const proof = dependencies === undefined ? undefined : proofOf(dependencies);
  await writeOutputs(outputs, proof === undefined ? {} : { [dependenciesVariable]: renderProof(proof) });
  return presentGates(reports);
}
