import { Argument, type Command } from "commander";
import { type Commands, type GateArgs } from "./commands";
import { GATES } from "./gates/domain";
import { type Add, type Options, outputsArgs, withExample, withOutputs } from "./programParts";

const help = `
Ends with 4 (refused) when a gate blocks, after all that were asked for have been run. COVERAGE_THRESHOLD is the least
percent of covered lines (80). --outputs exports what release publish wants to know of the dependency gate.`;

/** What a worker's checkout is asked before it becomes a release. */
export function addGateCommand(program: Command, commands: Commands, add: Add): void {
  const toRun = (argument: string, options: Options, asked: readonly string[]): GateArgs => ({
    ...outputsArgs(argument, options),
    gates: asked.length === 0 ? GATES : GATES.filter((gate) => asked.includes(gate)),
  });
  const command = add(program, "gate", "Asks the gates about the worker's checkout.", commands.gate, toRun)
    .addArgument(new Argument("[gates...]", "which ones; without any, all").choices(GATES))
    .addHelpText("after", help);
  withExample(withOutputs(command), "gate dependencies --outputs gates.env");
}
