import { Command, CommanderError, Option } from "commander";
import { ENVIRONMENTS, type Environment } from "../runtime/types";
import { exitCodesHelp } from "./exitCodes";
import { type Installation, parseInstallation } from "./installation/names";
import { type CommandResult } from "./result";

export interface InstallationArgs {
  readonly installation: Installation;
}
export interface ChangeArgs extends InstallationArgs {
  /** Do not ask before changing anything. */
  readonly yes: boolean;
}
export interface DecisionArgs extends InstallationArgs {
  readonly reason?: string;
}
export interface OutputsArgs {
  /** File that gets the values to export, `KEY='value'` a line. */
  readonly outputs?: string;
}
export interface LockArgs extends InstallationArgs {
  readonly environment: Environment;
}
export interface BreakArgs extends LockArgs {
  readonly reason: string;
}

type Run<A> = (args: A) => Promise<CommandResult>;

/** Every command of `kiro-pipeline`, ready to run. */
export interface Commands {
  readonly up: Run<ChangeArgs>;
  readonly preview: Run<InstallationArgs>;
  readonly destroy: Run<ChangeArgs>;
  readonly setupBackend: Run<InstallationArgs>;
  readonly setupToolchain: Run<InstallationArgs>;
  readonly infrastructurePreview: Run<Record<string, never>>;
  readonly releasePublish: Run<OutputsArgs>;
  readonly plan: Run<OutputsArgs>;
  readonly deploy: Run<OutputsArgs>;
  readonly verify: Run<OutputsArgs>;
  readonly approve: Run<DecisionArgs>;
  readonly reject: Run<DecisionArgs>;
  readonly status: Run<InstallationArgs>;
  readonly lockShow: Run<LockArgs>;
  readonly lockBreak: Run<BreakArgs>;
}

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

  /** A command that runs `run` with what `read` makes of its arguments and options. */
  const add = <A>(
    parent: Command,
    usage: string,
    description: string,
    run: Run<A>,
    read: (argument: string, options: Options) => A,
  ): Command =>
    parent
      .command(usage)
      .description(description)
      .addOption(jsonOption())
      .addHelpText("after", exitCodesHelp)
      .action(async (...received: unknown[]) => {
        const command = received.at(-1) as Command;
        finish(await run(read(command.args[0] ?? "", command.opts())));
      });

  const ofInstallation = (argument: string): InstallationArgs => ({ installation: parseInstallation(argument) });
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

  const reason = "-r, --reason <text>";
  const decision = (argument: string, options: Options): DecisionArgs => ({
    ...ofInstallation(argument),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  add(program, "approve <installation>", "Approves what its pipeline waits for.", commands.approve, decision).option(
    reason,
    "recorded with the approval",
  );
  add(program, "reject <installation>", "Rejects what its pipeline waits for.", commands.reject, decision).option(
    reason,
    "recorded with the rejection",
  );
  add(
    program,
    "status <installation>",
    "Stages, environments and the last deployments.",
    commands.status,
    ofInstallation,
  );

  const lock = program.command("lock").description("The lock of an environment.");
  const ofEnvironment = (argument: string, options: Options): LockArgs => ({
    ...ofInstallation(argument),
    environment: options.environment ?? "test",
  });
  const broken = (argument: string, options: Options): BreakArgs => ({
    ...ofEnvironment(argument, options),
    reason: options.reason ?? "",
  });
  add(
    lock,
    "show <installation>",
    "Who holds it, and whether they still run.",
    commands.lockShow,
    ofEnvironment,
  ).addOption(environmentOption());
  add(
    lock,
    "break <installation>",
    "Frees it, only when its execution and build have ended.",
    commands.lockBreak,
    broken,
  )
    .addOption(environmentOption())
    .requiredOption(reason, "recorded on the deployment and the environment");
  return program;
}

interface Options {
  readonly outputs?: string;
  readonly reason?: string;
  readonly environment?: Environment;
  readonly yes?: boolean;
}

const yes = ["-y, --yes", "do not ask; needed where nobody can be asked"] as const;

const jsonOption = (): Option => new Option("--json", "one JSON document on stdout; lines for people go to stderr");

const environmentOption = (): Option =>
  new Option("-e, --environment <environment>", "where the worker runs").choices(ENVIRONMENTS).makeOptionMandatory();

const withOutputs = (command: Command): Command =>
  command.option("-o, --outputs <file>", "file for the values to export, KEY='value' a line");

const outputsArgs = (_argument: string, { outputs }: Options): OutputsArgs =>
  outputs === undefined ? {} : { outputs };

/** Whether commander ended because help was asked for, which is not an error. */
export const isHelp = (error: unknown): boolean =>
  error instanceof CommanderError && (error.code === "commander.helpDisplayed" || error.code === "commander.version");
