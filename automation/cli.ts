import { createInterface } from "node:readline/promises";
import { homedir, tmpdir } from "node:os";
import pc from "picocolors";
import { type Commands } from "./commands";
import { type Surroundings } from "./composition/surroundings";
import { main } from "./main";
import { Problem } from "./problem";
import { createProgress } from "./progress";

// The composition root: reads the process, and loads what a command needs when it is chosen, so that --help is instant.
const colors = pc.createColors(process.stderr.isTTY && pc.isColorSupported);
const ending = new AbortController();
// Whoever stops a build sends SIGTERM: what was begun is still recorded. A second signal ends the process at once.
// The listeners stay: a library that waits for the end of the process ends it itself when nobody else listens.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => (ending.signal.aborted ? process.exit(code) : ending.abort()));
}
const surroundings: Surroundings = {
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  temporary: tmpdir(),
  bundleFolder: __dirname,
  progress: createProgress({
    write: (text) => void process.stderr.write(text),
    now: () => performance.now(),
    green: colors.green,
    red: colors.red,
  }),
  signal: ending.signal,
  ask: askOnTerminal,
};

const installation = () => import("./composition/installation.js");
const setup = () => import("./composition/setup.js");
const gates = () => import("./composition/gate.js");
const release = () => import("./composition/release.js");
const delivery = () => import("./composition/delivery.js");
const operator = () => import("./composition/operator.js");

const commands: Commands = {
  up: async (args) => (await installation()).up(args, surroundings),
  preview: async (args) => (await installation()).preview(args, surroundings),
  destroy: async (args) => (await installation()).destroy(args, surroundings),
  setupBackend: async (args) => (await setup()).setupBackend(args, surroundings),
  setupToolchain: async (args) => (await setup()).setupToolchain(args, surroundings),
  infrastructurePreview: async () => (await release()).previewInfrastructure(surroundings),
  gate: async (args) => (await gates()).gate(args, surroundings),
  releasePublish: async (args) => (await release()).publishRelease(args, surroundings),
  plan: async (args) => (await delivery()).plan(args, surroundings),
  deploy: async (args) => (await delivery()).deploy(args, surroundings),
  verify: async (args) => (await delivery()).verify(args, surroundings),
  undo: async (args) => (await delivery()).undo(args, surroundings),
  approve: async (args) => (await operator()).approve(args, surroundings),
  reject: async (args) => (await operator()).decide("reject", args, surroundings),
  status: async (args) => (await operator()).status(args, surroundings),
  rollback: async (args) => (await operator()).rollback(args, surroundings),
  hold: async (args) => (await operator()).hold(args, surroundings),
  resume: async (args) => (await operator()).resume(args, surroundings),
  quarantineList: async (args) => (await operator()).quarantineList(args, surroundings),
  quarantineLift: async (args) => (await operator()).quarantineLift(args, surroundings),
  lockShow: async (args) => (await operator()).lockShow(args, surroundings),
  lockBreak: async (args) => (await operator()).lockBreak(args, surroundings),
  dlqList: async (args) => (await operator()).dlqList(args, surroundings),
  dlqRedrive: async (args) => (await operator()).dlqRedrive(args, surroundings),
};

void main(process.argv.slice(2), commands, {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}).then((code) => {
  process.exitCode = code;
});

async function askOnTerminal(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Problem("usage", { what: "There is no terminal to ask at", value: question, remedy: "Pass --yes." });
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await asking.question(`${question} [y/N] `, { signal: ending.signal }));
  } finally {
    asking.close();
  }
}
