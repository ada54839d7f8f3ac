import { Command, CommanderError } from "commander";
import { type ChangeArgs, type Commands } from "./commands";
import { exitCodesHelp } from "./exitCodes";
import { addGateCommand } from "./gateProgram";
import { addOperatorCommands } from "./operatorProgram";
import {
  type Add,
  adding,
  ofInstallation,
  type Options,
  outputsArgs,
  withExample,
  withOutputs,
  yes,
} from "./programParts";
import { type CommandResult } from "./result";

/**
 * The tree of commands. `finish` is given what the chosen command handed back, and whether `--json` was asked for.
 * Parsing throws `CommanderError` (also for `--help`) and `Problem`, and never ends the process.
 */
export function buildProgram(commands: Commands, finish: (result: CommandResult) => void): Command {
  const program = new Command("kiro-pipeline")
    .description("Delivers the Kiro CodeBuild worker: sets up the pipeline, runs its steps, and helps its operators.")
    .addHelpText("after", exitCodesHelp)
    .showHelpAfterError("(add --help for the commands and their options)")
    .exitOverride();
  const add = adding(finish);
  addInstallationCommands(program, commands, add);
  addGateCommand(program, commands, add);
  addReleaseCommands(program, commands, add);
  addDeliveryCommands(program, commands, add);
  addOperatorCommands(program, commands, add);
  return program;
}

function addInstallationCommands(program: Command, commands: Commands, add: Add): void {
  const toChange = (argument: string, options: Options): ChangeArgs => ({
    ...ofInstallation(argument),
    yes: options.yes === true,
  });
  add(program, "up <installation>", "Previews, then applies exactly that preview.", commands.up, toChange).option(
    ...yes,
  );
  add(program, "preview <installation>", "Shows what up would do.", commands.preview, ofInstallation);
  add(
    program,
    "destroy <installation>",
    "Removes everything but what is protected, and names that.",
    commands.destroy,
    toChange,
  ).option(...yes);

  const setup = program.command("setup").description("What an installation needs once.");
  add(
    setup,
    "backend <installation>",
    "Makes the bucket and key of its state; does nothing when they are there.",
    commands.setupBackend,
    ofInstallation,
  );
  add(
    setup,
    "toolchain <installation>",
    "Mirrors the pinned Pulumi toolchain into its releases bucket.",
    commands.setupToolchain,
    ofInstallation,
  );
}

function addReleaseCommands(program: Command, commands: Commands, add: Add): void {
  const infrastructure = program
    .command("infrastructure")
    .description("The infrastructure program in a worker's checkout.");
  add(
    infrastructure,
    "preview",
    "Previews it into an empty throw-away stack.",
    commands.infrastructurePreview,
    () => ({}),
  );
  const release = program.command("release").description("Releases of the worker.");
  withOutputs(
    add(
      release,
      "publish",
      "Packs the built checkout and publishes it, release.json last.",
      commands.releasePublish,
      outputsArgs,
    ),
  );
}

/** What the deploy projects run, by `MODE`. */
function addDeliveryCommands(program: Command, commands: Commands, add: Add): void {
  withOutputs(
    add(program, "plan", "What deploy would do with a release; changes nothing.", commands.plan, outputsArgs),
  );
  withOutputs(
    add(program, "deploy", "Deploys a release into the environment of this build.", commands.deploy, outputsArgs),
  );
  withOutputs(
    add(
      program,
      "verify",
      "Watches the deployment of this build, then ends it well or as failed.",
      commands.verify,
      outputsArgs,
    ),
  );
  const undo = add(
    program,
    "undo",
    "Brings the infrastructure back for the rollback that started this build.",
    commands.undo,
    outputsArgs,
  );
  withExample(withOutputs(undo), "undo --outputs outputs.env");
}

/** Whether commander ended because help was asked for, which is not an error. */
export const isHelp = (error: unknown): boolean =>
  error instanceof CommanderError && (error.code === "commander.helpDisplayed" || error.code === "commander.version");
