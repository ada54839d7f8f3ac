import { Command } from "commander";
import { registerLocal } from "./cloud/commands";

/** The command `kiro-pipeline local …`, also the background process that it starts. A bundle of its own. */
async function main(): Promise<void> {
  const stop = new AbortController();
  const program = new Command("kiro-pipeline").description("the local cloud's part of the kiro-pipeline command");
  registerLocal(program, {
    env: process.env,
    self: [process.execPath, ...process.execArgv, process.argv[1] ?? __filename],
    stop: stop.signal,
    write: (text) => void process.stdout.write(text),
    setExitCode: (code) => {
      process.exitCode = code;
    },
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    // The second one ends the process at once.
    process.once(signal, () => stop.abort());
  }
  await program.parseAsync();
  // Nothing is left to do; a connection that somebody keeps open must not keep a stopped cloud's process.
  setTimeout(() => process.exit(), 3000).unref();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
