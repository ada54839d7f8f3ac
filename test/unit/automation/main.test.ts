import { describe, expect, it } from "@jest/globals";
import { main } from "../../../automation/main";
import { type Commands } from "../../../automation/commands";
import { Problem } from "../../../automation/problem";
import { type CommandResult, ok } from "../../../automation/result";

describe("the command line", () => {
  it("prints the result for people on stdout and ends with 0", async () => {
    const { code, out, err } = await run(["status", "prod"]);
    expect([code, out, err]).toEqual([0, "status of prod\n", ""]);
  });

  it("prints one JSON document on stdout with --json, and the lines on stderr", async () => {
    const { code, out, err } = await run(["status", "prod", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ ending: "ok", command: "status", installation: "prod" });
    expect(err).toBe("status of prod\n");
  });

  it("says which installations there are, and ends with 2", async () => {
    const { code, err } = await run(["up", "production"]);
    expect(code).toBe(2);
    expect(err).toBe(
      "error: There is no such installation. Got: production. Allowed: test, staging, prod. The installation is called prod; production is an environment.\n",
    );
  });

  it.each([
    ["failed", 1],
    ["usage", 2],
    ["busy", 3],
    ["refused", 4],
  ] as const)("ends %s with %i, also with --json", async (ending, code) => {
    const problem = new Problem(ending, { what: "No", value: "x", remedy: "Do it again." });
    const ran = await run(["deploy", "--json"], { deploy: () => Promise.reject(problem) });
    expect(ran.code).toBe(code);
    expect(JSON.parse(ran.out)).toEqual({ ending, error: { what: "No", value: "x", remedy: "Do it again." } });
    expect(ran.err).toBe("error: No. Got: x. Do it again.\n");
  });

  it("ends with the exit code of a result that is not ok", async () => {
    const refused: CommandResult = { ending: "refused", document: {}, lines: ["no approval is waited for"] };
    const { code, out } = await run(["approve", "prod"], { approve: async () => refused });
    expect([code, out]).toEqual([4, "no approval is waited for\n"]);
  });

  it("reports what nobody foresaw as failed, without a stack", async () => {
    const { code, err } = await run(["plan"], { plan: () => Promise.reject(new Error("the network is gone")) });
    expect([code, err]).toEqual([1, "error: the network is gone\n"]);
  });

  it("documents its exit codes in the help of every command", async () => {
    for (const args of [["--help"], ["up", "--help"], ["lock", "break", "--help"]]) {
      const { code, out } = await run(args);
      expect(code).toBe(0);
      for (const text of ["0  ok", "1  failed", "2  usage", "3  busy", "4  refused"]) expect(out).toContain(text);
    }
  });

  it.each([
    [["nonsense"], "unknown command"],
    [[], "Usage: kiro-pipeline"],
    [["up"], "missing required argument"],
    [["up", "prod", "--nonsense"], "unknown option"],
    [["lock", "show", "prod"], "--environment"],
    [["lock", "show", "prod", "-e", "prod"], "Allowed choices are test, staging, production"],
    [["lock", "break", "prod", "-e", "test"], "--reason"],
    [["rollback", "prod", "-e", "test"], "--reason"],
    [["rollback", "prod", "-r", "x"], "--environment"],
    [["rollback", "prod", "-e", "test", "-r", "x", "--to", "HEAD"], "Allowed is a full commit SHA"],
    [["quarantine", "lift", "prod", "-e", "test", "-r", "x"], "--version"],
    [["hold", "prod", "-e", "test"], "--reason"],
    [["gate", "licences"], "Allowed choices are tests, coverage, dependencies"],
    [["resume", "prod", "-e", "test"], "--reason"],
  ])("ends %j with 2 and says why", async (args, text) => {
    const { code, err } = await run(args);
    expect(code).toBe(2);
    expect(err).toContain(text);
  });

  it("hands each command its own arguments", async () => {
    const seen: unknown[] = [];
    const note = async (args: unknown): Promise<CommandResult> => {
      seen.push(args);
      return ok({}, []);
    };
    const commands = Object.fromEntries(Object.keys(everyCommand).map((name) => [name, note])) as unknown as Commands;
    for (const args of [
      ["up", "test", "--yes"],
      ["destroy", "test"],
      ["setup", "backend", "staging"],
      ["infrastructure", "preview"],
      ["release", "publish", "--outputs", "o.env"],
      ["gate"],
      ["gate", "coverage", "tests", "coverage"],
      ["gate", "dependencies", "--outputs", "o.env"],
      ["verify"],
      ["reject", "prod", "--reason", "too late"],
      ["lock", "break", "prod", "-e", "test", "-r", "its build was stopped"],
      ["undo", "--outputs", "o.env"],
      ["rollback", "prod", "-e", "production", "-r", "jobs are lost"],
      ["rollback", "prod", "-e", "production", "-r", "jobs are lost", "--to", sha, "--dry-run"],
      ["hold", "prod", "-e", "production", "-r", "holidays"],
      ["resume", "prod", "-e", "production", "-r", "back"],
      ["quarantine", "list", "prod"],
      ["quarantine", "list", "prod", "-e", "staging"],
      ["quarantine", "lift", "prod", "-e", "staging", "--version", sha, "-r", "fixed"],
      ["dlq", "list", "prod"],
      ["dlq", "redrive", "prod"],
    ]) {
      await run(args, commands);
    }
    expect(seen).toEqual([
      { installation: "test", yes: true },
      { installation: "test", yes: false },
      { installation: "staging" },
      {},
      { outputs: "o.env" },
      { gates: ["tests", "coverage", "dependencies"] },
      { gates: ["tests", "coverage"] },
      { gates: ["dependencies"], outputs: "o.env" },
      {},
      { installation: "prod", reason: "too late" },
      { installation: "prod", environment: "test", reason: "its build was stopped" },
      { outputs: "o.env" },
      { ...production, reason: "jobs are lost", dryRun: false },
      { ...production, reason: "jobs are lost", to: sha, dryRun: true },
      { ...production, reason: "holidays" },
      { ...production, reason: "back" },
      { installation: "prod" },
      { installation: "prod", environment: "staging" },
      { installation: "prod", environment: "staging", version: sha, reason: "fixed" },
      { installation: "prod" },
      { installation: "prod" },
    ]);
  });

  it.each([
    [["rollback"], "kiro-pipeline rollback prod --environment production --reason"],
    [["hold"], "kiro-pipeline hold prod"],
    [["resume"], "kiro-pipeline resume prod"],
    [["quarantine", "list"], "kiro-pipeline quarantine list prod"],
    [["quarantine", "lift"], "kiro-pipeline quarantine lift prod"],
    [["dlq", "list"], "kiro-pipeline dlq list prod"],
    [["dlq", "redrive"], "kiro-pipeline dlq redrive prod"],
    [["undo"], "kiro-pipeline undo"],
    [["gate"], "kiro-pipeline gate dependencies --outputs gates.env"],
  ])("shows an example in the help of %j", async (args, example) => {
    expect((await run([...args, "--help"])).out).toContain(`Example:\n  ${example}`);
  });
});

// Helpers

const sha = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const production = { installation: "prod", environment: "production" };

const answering =
  (command: string) =>
  async (args: object): Promise<CommandResult> =>
    ok({ command, ...args }, [`${command} of ${(args as { installation?: string }).installation ?? "this build"}`]);

const everyCommand: Commands = {
  up: answering("up"),
  preview: answering("preview"),
  destroy: answering("destroy"),
  setupBackend: answering("setup backend"),
  setupToolchain: answering("setup toolchain"),
  infrastructurePreview: answering("infrastructure preview"),
  gate: answering("gate"),
  releasePublish: answering("release publish"),
  plan: answering("plan"),
  deploy: answering("deploy"),
  verify: answering("verify"),
  undo: answering("undo"),
  approve: answering("approve"),
  reject: answering("reject"),
  status: answering("status"),
  rollback: answering("rollback"),
  hold: answering("hold"),
  resume: answering("resume"),
  quarantineList: answering("quarantine list"),
  quarantineLift: answering("quarantine lift"),
  lockShow: answering("lock show"),
  lockBreak: answering("lock break"),
  dlqList: answering("dlq list"),
  dlqRedrive: answering("dlq redrive"),
};

async function run(args: readonly string[], overrides: Partial<Commands> = {}) {
  const written = { out: "", err: "" };
  const code = await main(
    args,
    { ...everyCommand, ...overrides },
    {
      out: (text) => void (written.out += text),
      err: (text) => void (written.err += text),
    },
  );
  return { code, ...written };
}
