import { join } from "node:path";
import { type PlanInputs } from "../../../../automation/engine/boundPlan";
import { policyRun, type PolicySource } from "../../../../automation/engine/policies";
import { folderWith } from "./checkoutFolder";
import { RecordedProgress } from "./progress";

/** A folder of one command with a pack, a program without exemptions, and a config file. */
export async function planInputs(
  level: PolicySource["level"] = "mandatory",
): Promise<PlanInputs & { readonly configFile: string; readonly progress: RecordedProgress }> {
  const temporary = await folderWith({
    "pack/index.js": "// rules",
    "program/Pulumi.yaml": "name: x\n",
    "config.yaml": "config: {}\n",
  });
  const policies = await policyRun({
    pack: join(temporary, "pack"),
    program: join(temporary, "program"),
    level,
    temporary,
  });
  return {
    configFile: join(temporary, "config.yaml"),
    policies,
    judgeUpdate: true,
    temporary,
    signal: new AbortController().signal,
    progress: new RecordedProgress(),
  };
}
