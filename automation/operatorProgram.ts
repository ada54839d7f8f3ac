import { type Command } from "commander";
import {
  type ApproveArgs,
  type Commands,
  type DecisionArgs,
  type EnvironmentArgs,
  type LiftArgs,
  type QuarantineArgs,
  type RollbackArgs,
} from "./commands";
import {
  type Add,
  anyEnvironment,
  commitOption,
  digestOption,
  ofInstallation,
  oneEnvironment,
  type Options,
  reason,
  reasoned,
  withExample,
} from "./programParts";

/** What people use who look after a pipeline that runs. */
export function addOperatorCommands(program: Command, commands: Commands, add: Add): void {
  addApprovals(program, commands, add);
  add(
    program,
    "status <installation>",
    "Stages, environments and the last deployments.",
    commands.status,
    ofInstallation,
  );
  addRollback(program, commands, add);
  addHolds(program, commands, add);
  addLock(program, commands, add);
  addDeadLetters(program, commands, add);
}

function addApprovals(program: Command, commands: Commands, add: Add): void {
  const decision = (argument: string, options: Options): DecisionArgs => ({
    ...ofInstallation(argument),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  });
  const approval = (argument: string, options: Options): ApproveArgs => ({
    ...decision(argument, options),
    ...(options.change === undefined ? {} : { change: options.change }),
  });
  const approve = add(
    program,
    "approve <installation>",
    "Approves what its pipeline waits for, or acknowledges a change that staging stopped at.",
    commands.approve,
    approval,
  )
    .option(reason, "recorded with the approval")
    .addOption(digestOption("-c, --change <digest>", "the change to acknowledge; its stage is tried again"));
  withExample(approve, 'approve prod --change 5feceb66… --reason "the new queue is wanted"');
  add(program, "reject <installation>", "Rejects what its pipeline waits for.", commands.reject, decision).option(
    reason,
    "recorded with the rejection",
  );
}

function addRollback(program: Command, commands: Commands, add: Add): void {
  const rollback = (argument: string, options: Options): RollbackArgs => ({
    ...reasoned(argument, options),
    ...(options.to === undefined ? {} : { to: options.to }),
    dryRun: options.dryRun === true,
  });
  const command = add(
    program,
    "rollback <installation>",
    "Takes the live release of an environment back, to what was live before it.",
    commands.rollback,
    rollback,
  )
    .addOption(oneEnvironment())
    .requiredOption(reason, "recorded on the deployment that is taken back")
    .addOption(commitOption("--to <sha>", "a release that was live there earlier"))
    .option("--dry-run", "only tell what would be done, and why");
  withExample(command, 'rollback prod --environment production --reason "jobs are lost" --dry-run');
}

function addHolds(program: Command, commands: Commands, add: Add): void {
  const hold = add(
    program,
    "hold <installation>",
    "No deployment starts in an environment until resume; rollbacks do.",
    commands.hold,
    reasoned,
  )
    .addOption(oneEnvironment())
    .requiredOption(reason, "told to whoever wants to deploy");
  withExample(hold, 'hold prod --environment production --reason "holidays"');

  const resume = add(
    program,
    "resume <installation>",
    "An environment that is held or frozen takes deployments again.",
    commands.resume,
    reasoned,
  )
    .addOption(oneEnvironment())
    .requiredOption(reason, "why that is over");
  withExample(resume, 'resume prod --environment production --reason "back at work"');

  const quarantine = program.command("quarantine").description("Releases that were taken back by themselves.");
  const listed = (argument: string, { environment }: Options): QuarantineArgs => ({
    ...ofInstallation(argument),
    ...(environment === undefined ? {} : { environment }),
  });
  const list = add(
    quarantine,
    "list <installation>",
    "Which releases are refused where, and why.",
    commands.quarantineList,
    listed,
  ).addOption(anyEnvironment());
  withExample(list, "quarantine list prod");

  const lifted = (argument: string, options: Options): LiftArgs => ({
    ...reasoned(argument, options),
    version: options.version ?? "",
  });
  const lift = add(
    quarantine,
    "lift <installation>",
    "A release, and all that contain it, may be deployed again.",
    commands.quarantineLift,
    lifted,
  )
    .addOption(oneEnvironment())
    .addOption(commitOption("--version <sha>", "the quarantined release").makeOptionMandatory())
    .requiredOption(reason, "why it is safe now");
  withExample(
    lift,
    'quarantine lift prod --environment production --version 4b825dc642cb6eb9a060e54bf8d69288fbee4904 --reason "fixed by the next commit"',
  );
}

function addLock(program: Command, commands: Commands, add: Add): void {
  const ofEnvironment = (argument: string, options: Options): EnvironmentArgs => ({
    ...ofInstallation(argument),
    environment: options.environment ?? "test",
  });
  const lock = program.command("lock").description("The lock of an environment.");
  add(
    lock,
    "show <installation>",
    "Who holds it, and whether they still run.",
    commands.lockShow,
    ofEnvironment,
  ).addOption(oneEnvironment());
  add(
    lock,
    "break <installation>",
    "Frees it, only when nobody is left who could act under it.",
    commands.lockBreak,
    reasoned,
  )
    .addOption(oneEnvironment())
    .requiredOption(reason, "recorded on the deployment and the environment");
}

function addDeadLetters(program: Command, commands: Commands, add: Add): void {
  const dlq = program
    .command("dlq")
    .description("Events that never reached the rollback function, or that it could not take.");
  const list = add(
    dlq,
    "list <installation>",
    "When they came, from where, and what was wrong.",
    commands.dlqList,
    ofInstallation,
  );
  withExample(list, "dlq list prod");
  const redrive = add(
    dlq,
    "redrive <installation>",
    "Hands each to the rollback function again; what it takes is removed.",
    commands.dlqRedrive,
    ofInstallation,
  );
  withExample(redrive, "dlq redrive prod");
}
