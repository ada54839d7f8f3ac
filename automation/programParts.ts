import { type Command, InvalidArgumentError, Option } from "commander";
import { ENVIRONMENTS, type Environment } from "../runtime/types";
import { type InstallationArgs, type OutputsArgs, type ReasonedArgs, type Run } from "./commands";
import { exitCodesHelp } from "./exitCodes";
import { parseInstallation } from "./installation/names";
import { type CommandResult } from "./result";

/** What commander hands over of the options of any command. */
export interface Options {
  readonly outputs?: string;
  readonly reason?: string;
  readonly environment?: Environment;
  readonly yes?: boolean;
  readonly to?: string;
  readonly version?: string;
  readonly dryRun?: boolean;
  readonly change?: string;
}

/** Adds a command that runs `run` with what `read` makes of its arguments and options. */
export type Add = <A>(
  parent: Command,
  usage: string,
  description: string,
  run: Run<A>,
  read: (argument: string, options: Options, everyArgument: readonly string[]) => A,
) => Command;

/** @param finish is given what the command that was chosen handed back. */
export const adding =
  (finish: (result: CommandResult) => void): Add =>
  (parent, usage, description, run, read) =>
    parent
      .command(usage)
      .description(description)
      .addOption(jsonOption())
      .addHelpText("after", exitCodesHelp)
      .action(async (...received: unknown[]) => {
        const command = received.at(-1) as Command;
        finish(await run(read(command.args[0] ?? "", command.opts(), command.args)));
      });

export const withExample = (command: Command, line: string): Command =>
  command.addHelpText("after", `\nExample:\n  kiro-pipeline ${line}`);

export const ofInstallation = (argument: string): InstallationArgs => ({ installation: parseInstallation(argument) });

/** Both options are mandatory: commander has refused the command line without them. */
export const reasoned = (argument: string, { environment = "test", reason = "" }: Options): ReasonedArgs => ({
  ...ofInstallation(argument),
  environment,
  reason,
});

export const outputsArgs = (_argument: string, { outputs }: Options): OutputsArgs =>
  outputs === undefined ? {} : { outputs };

export const withOutputs = (command: Command): Command =>
  command.option("-o, --outputs <file>", "file for the values to export, KEY='value' a line");

export const yes = ["-y, --yes", "do not ask; needed where nobody can be asked"] as const;

export const reason = "-r, --reason <text>";

const jsonOption = (): Option => new Option("--json", "one JSON document on stdout; lines for people go to stderr");

export const anyEnvironment = (): Option =>
  new Option("-e, --environment <environment>", "where the worker runs").choices(ENVIRONMENTS);

export const oneEnvironment = (): Option => anyEnvironment().makeOptionMandatory();

/** An option that takes a SHA-256. */
export const digestOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((value) => {
    if (/^[0-9a-f]{64}$/.test(value)) return value;
    throw new InvalidArgumentError("Allowed is a whole digest: 64 digits in lower-case hex.");
  });

/** An option that takes a full commit SHA. */
export const commitOption = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((value) => {
    if (/^[0-9a-f]{40}$/.test(value)) return value;
    throw new InvalidArgumentError("Allowed is a full commit SHA: 40 digits in lower-case hex.");
  });
