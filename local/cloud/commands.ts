import { InvalidArgumentError, type Command } from "commander";
import { join, resolve } from "node:path";
import { registerRelay } from "../relay/command";
import { ensureRepository } from "../source/repositories";
import { reset, start, statusOf, stop } from "./control";
import { daemonEnvironment, environmentWithPath, shellExports } from "./environment";
import { followLog, lastLines, logFile } from "./log";
import { cloudDirectory, projectRoot } from "./paths";
import { installProvider } from "./pulumiHome";
import { SERVICES, type ServiceDefinition } from "./services";
import { supervise } from "./supervisor";

/** What the commands use of the process that they run in. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** The program, its options and the script that this process was started with: the background process gets the same. */
  readonly self: readonly string[];
  readonly root?: string;
  readonly services?: readonly ServiceDefinition[];
  write(text: string): void;
  setExitCode(code: number): void;
  /** Fires when the process is asked to end. */
  readonly stop: AbortSignal;
}

/** Exit code of `status` and `env` when the local cloud does not run. */
const NOT_RUNNING = 3;

const STATE_HELP = `
State survives a stop: what the pipeline, its builds and the emulator hold is there again at the next start, on the same
port if that is free. After a crash the local cloud starts empty, since the emulator saves its state only when it ends.

KIRO_LOCAL_MINUTE_SECONDS, from 1 to 60, is how long a minute of scheduled EventBridge rules lasts in the one it starts.`;

/** Adds `local …` to the program. */
export function registerLocal(program: Command, context: CommandContext): void {
  const root = context.root ?? projectRoot();
  const directory = resolve(context.env["KIRO_LOCAL_DIR"] ?? cloudDirectory(root));
  const say = (line: string) => context.write(`${line}\n`);
  const print = (json: boolean | undefined, value: object, line: string) => say(json ? JSON.stringify(value) : line);
  const local = program
    .command("local")
    .description("the local cloud: AWS on this machine, without an account")
    .addHelpText("after", `\nIts state and logs are in ${directory} (KIRO_LOCAL_DIR).`);

  local
    .command("start")
    .description("start it in the background, or find the one that runs")
    .option("--json", "print one JSON object")
    .addHelpText("after", `${STATE_HELP}\n\nExample: kiro-pipeline local start && eval "$(kiro-pipeline local env)"`)
    .action(async ({ json }: { json?: boolean }) => {
      await installProvider(root);
      const command = [...context.self, "local", "run"];
      const { record, found } = await start(directory, command, daemonEnvironment(root, context.env));
      const { endpoint, pid } = record;
      const line = `The local cloud ${found ? "already runs" : "runs"} at ${endpoint} (process ${pid}).`;
      print(json, { endpoint, pid, alreadyRunning: found }, line);
    });

  local
    .command("stop")
    .description("end it and everything it has started; its state stays")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample: kiro-pipeline local stop")
    .action(async ({ json }: { json?: boolean }) => {
      const stopped = await stop(directory);
      print(json, { stopped }, stopped ? "The local cloud has stopped." : "The local cloud does not run.");
    });

  local
    .command("status")
    .description("say whether it runs, where, and if not, why")
    .option("--json", "print one JSON object")
    .addHelpText(
      "after",
      `\nExit code 0 when it runs, ${NOT_RUNNING} when not.\n\nExample: kiro-pipeline local status --json`,
    )
    .action(async ({ json }: { json?: boolean }) => {
      const { state, record } = await statusOf(directory);
      const { endpoint, reason, services, pid, emulatorPid, startedAt } = record ?? {};
      const at = state === "running" ? ` at ${endpoint}, since ${startedAt}, processes ${pid} and ${emulatorPid}` : "";
      const why = reason === undefined ? "" : `: ${reason} The log: ${logFile(directory)}`;
      const shown = { state, endpoint, pid, emulatorPid, startedAt, services, reason, directory };
      print(json, shown, `The local cloud is ${state}${at}${why}`);
      if (state !== "running") context.setExitCode(NOT_RUNNING);
    });

  local
    .command("env")
    .description("print what makes pulumi, aws and any SDK use it, as lines for a shell")
    .option("--json", "print one JSON object, with the whole PATH")
    .addHelpText("after", `\nExample: eval "$(kiro-pipeline local env)" && aws codepipeline list-pipelines`)
    .action(async ({ json }: { json?: boolean }) => {
      const { state, record } = await statusOf(directory);
      if (state !== "running" || record?.endpoint === undefined) {
        // Nothing on standard output: a shell would evaluate it.
        process.stderr.write(`The local cloud is ${state}. Start it: kiro-pipeline local start\n`);
        context.setExitCode(NOT_RUNNING);
        return;
      }
      const options = { root, directory, endpoint: record.endpoint };
      const path = context.env["PATH"] ?? "";
      say(json ? JSON.stringify(await environmentWithPath(options, path)) : await shellExports(options));
    });

  local
    .command("reset")
    .description("stop it and delete its state, logs and repositories")
    .option("--json", "print one JSON object")
    .addHelpText("after", "\nExample: kiro-pipeline local reset && kiro-pipeline local start")
    .action(async ({ json }: { json?: boolean }) => {
      await reset(directory);
      print(json, { deleted: directory }, `The local cloud is gone (${directory}).`);
    });

  local
    .command("repository")
    .description("make the bare git repository that the local connections lead to, and print its path")
    .argument("<owner/name>", "as the pipeline's source names it")
    .addHelpText(
      "after",
      '\nExample: git push "$(kiro-pipeline local repository kiro/kiro-codebuild-worker)" HEAD:main',
    )
    .action(async (name: string) => {
      say(await ensureRepository(join(directory, "git"), name, join(directory, "cloud.json")));
    });

  local
    .command("logs")
    .description("print the end of its log")
    .option("-n, --lines <count>", "how many lines", wholeNumber, 50)
    .option("-f, --follow", "go on with what is added")
    .addHelpText("after", "\nExample: kiro-pipeline local logs --follow")
    .action(async ({ lines, follow }: { lines: number; follow?: boolean }) => {
      for (const line of await lastLines(directory, lines)) say(line);
      if (follow) await followLog(directory, (text) => context.write(text), context.stop);
    });

  registerRelay(local, directory, say);

  local
    .command("run", { hidden: true })
    .description("the background process itself")
    .requiredOption("--directory <folder>")
    .requiredOption("--instance <id>")
    .action(async (options: { directory: string; instance: string }) => {
      const services = context.services ?? SERVICES;
      const minute = minuteSeconds(context.env["KIRO_LOCAL_MINUTE_SECONDS"]);
      const code = await supervise({ ...options, ...minute, root, services, stop: context.stop, write: say });
      context.setExitCode(code);
    });
}

/** How long a minute of a scheduled rule lasts, when the one who starts the local cloud says so. */
function minuteSeconds(text: string | undefined): { minuteSeconds?: number } {
  if (text === undefined || text === "") return {};
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= 60) return { minuteSeconds: seconds };
  throw new Error(`KIRO_LOCAL_MINUTE_SECONDS is ${text}; seconds from 1 to 60 are needed, or leave it out for 60.`);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("a whole number is needed.");
  return Number(text);
}
