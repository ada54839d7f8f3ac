import type { PhaseContext } from "@aws-sdk/client-codebuild";
import type { PhaseSpec } from "./buildspec";
import type { BuildShell } from "./shell";

/**
 * Runs the commands of one phase in the build's shell: the first that fails ends the phase, `finally` runs in any case.
 * Answers what failed; empty means that the phase succeeded.
 */
export async function runCommandPhase(
  spec: PhaseSpec,
  shell: Pick<BuildShell, "run" | "setVariable">,
  succeeding: boolean,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<PhaseContext[]> {
  for (const [runtime, version] of Object.entries(spec.runtimeVersions)) {
    say(`Runtime ${runtime} ${version} is asked for; the local cloud runs the one on its PATH`);
  }
  const runAll = async (commands: readonly string[]): Promise<PhaseContext[]> => {
    for (const command of commands) {
      say(`Running command ${command}`);
      const status = await shell.run(command, signal);
      if (status === 0) continue;
      const message = `Error while executing command: ${command}. Reason: exit status ${status}`;
      say(`Command did not exit successfully ${command} exit status ${status}`);
      return [{ statusCode: "COMMAND_EXECUTION_ERROR", message }];
    }
    return [];
  };

  const tell = (good: boolean): Promise<void> =>
    shell.setVariable("CODEBUILD_BUILD_SUCCEEDING", good ? "1" : "0", signal);
  await tell(succeeding);
  const failures = await runAll(spec.commands);
  if (spec.finally.length === 0) return failures;
  if (failures.length > 0) await tell(false);
  return [...failures, ...(await runAll(spec.finally))];
}
