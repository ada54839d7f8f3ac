import { CommanderError } from "commander";
import { type Commands } from "./commands";
import { type Ending, exitCodes } from "./exitCodes";
import { messageOf, Problem } from "./problem";
import { buildProgram, isHelp } from "./program";
import { type CommandResult } from "./result";

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Runs one command line and returns the exit code. With `--json` stdout gets exactly one document, also when the
 * command fails; without it stdout gets the result for people.
 */
export async function main(args: readonly string[], commands: Commands, terminal: Terminal): Promise<number> {
  const json = args.includes("--json");
  let finished: CommandResult | undefined;
  const program = buildProgram(commands, (result) => {
    finished = result;
  });
  const output = { writeOut: terminal.out, writeErr: terminal.err };
  const everyCommand = [program, ...program.commands, ...program.commands.flatMap(({ commands: below }) => below)];
  for (const command of everyCommand) command.exitOverride().configureOutput(output);
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (isHelp(error)) return exitCodes.ok;
    const { ending, said, details } = explain(error);
    if (!(error instanceof CommanderError)) terminal.err(`error: ${messageOf(error)}\n`);
    if (json) terminal.out(document(ending, { error: said, ...details }));
    return exitCodes[ending];
  }
  if (finished === undefined) return exitCodes.usage;
  const { ending, lines } = finished;
  if (json) terminal.out(document(ending, finished.document));
  for (const line of lines) (json ? terminal.err : terminal.out)(`${line}\n`);
  return exitCodes[ending];
}

const document = (ending: Ending, content: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify({ ending, ...content })}\n`;

function explain(error: unknown): Pick<Problem, "said"> & { readonly ending: Ending; readonly details?: object } {
  if (error instanceof Problem) return { ending: error.ending, said: error.said, details: error.details };
  if (error instanceof CommanderError) return { ending: "usage", said: { what: error.message } };
  return { ending: "failed", said: { what: messageOf(error) } };
}
