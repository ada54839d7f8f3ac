import { CommandError, ConcurrentUpdateError } from "@pulumi/pulumi/automation";
import { describe, expect, it } from "@jest/globals";
import { describeCounts, nameOf } from "../../../../automation/engine/events";
import { EngineProblem, runEngine } from "../../../../automation/engine/run";
import { secretsIn } from "../../../../automation/engine/workspace";
import { RecordedProgress } from "../support/progress";
import { errorEvent, failedEvent, policyEvent, resourceEvents, StackDouble, urn, warningEvent } from "../support/stack";

describe("a run of the engine", () => {
  it("prints each finished resource once, and components and unchanged ones not at all", async () => {
    const stack = new StackDouble();
    stack.events = [
      ...resourceEvents("create", "bucket", { took: 3 }),
      ...resourceEvents("create", "component", { custom: false }),
      ...resourceEvents("same", "key"),
      warningEvent("this is\n deprecated"),
    ];
    const progress = new RecordedProgress();
    const { events } = await run(stack, "up", progress);
    expect(progress.lines).toEqual([
      "  created aws:s3/bucket:Bucket bucket 3 s",
      "  warning: this is deprecated",
      "✔ up",
    ]);
    expect(events.changes.map(({ op, name }) => `${op} ${name}`)).toEqual(["create bucket", "create component"]);
  });

  it("takes errors from the events, each once, with the resource", async () => {
    const stack = new StackDouble();
    const denied = errorEvent("AccessDenied: not authorized to perform s3:CreateBucket", "bucket");
    stack.events = [
      denied,
      denied,
      failedEvent("create", "bucket"),
      failedEvent("update", "topic"),
      errorEvent("update failed"),
    ];
    stack.failure = { operation: "up", error: commandError(), stderr: "error: never looked at" };
    const error = await failureOf(run(stack, "up", new RecordedProgress()));
    expect(error).toBeInstanceOf(EngineProblem);
    expect((error as EngineProblem).failures).toEqual([
      { urn: urn("bucket"), message: "AccessDenied: not authorized to perform s3:CreateBucket" },
      { urn: urn("topic"), message: "the operation failed" },
    ]);
    expect(error.message).toBe(
      "up failed, 2 times:\n  - bucket: AccessDenied: not authorized to perform s3:CreateBucket\n  - topic: the operation failed.",
    );
  });

  it("names a mandatory policy that was violated, and lets an advisory one pass", async () => {
    const stack = new StackDouble();
    stack.events = [
      policyEvent("encrypted", "mandatory", "set kmsKeyId"),
      policyEvent("named", "warning", "a name is nice"),
    ];
    stack.failure = { operation: "preview", error: commandError() };
    const error = await failureOf(run(stack, "preview", new RecordedProgress()));
    expect(error.message).toBe("preview failed: policy encrypted: set kmsKeyId.");
  });

  it("takes the engine's own error lines where there are no events", async () => {
    const stack = new StackDouble();
    stack.failure = { operation: "up", error: commandError(), stderr: "warning: x\nerror: read state: AccessDenied\n" };
    expect((await failureOf(run(stack, "up", new RecordedProgress()))).message).toBe(
      "up failed: error: read state: AccessDenied.",
    );
  });

  it("falls back to the last words, and to the error itself", async () => {
    const stack = new StackDouble();
    stack.failure = { operation: "up", error: commandError(), stderr: "panic\n" };
    expect((await failureOf(run(stack, "up", new RecordedProgress()))).message).toBe("up failed: panic.");
    stack.failure = { operation: "up", error: new Error("spawn pulumi ENOENT\nmore") };
    expect((await failureOf(run(stack, "up", new RecordedProgress()))).message).toBe("up failed: spawn pulumi ENOENT.");
  });

  it("never repeats the values that a violated plan shows", async () => {
    const stack = new StackDouble();
    stack.events = [errorEvent("resource violates plan: properties changed: +~password[{s1}!={s2}]", "bucket")];
    stack.failure = { operation: "up", error: commandError() };
    const { message } = await failureOf(run(stack, "up", new RecordedProgress()));
    expect(message).toBe("up failed: bucket: the update would have differed from its plan.");
  });

  it("is busy, with the holder, when another update holds the stack", async () => {
    const stack = new StackDouble();
    const stderr =
      "error: the stack is currently locked by 1 lock(s).\n  file:///x.json: created by kiro@host (pid 7) at 12:00";
    stack.failure = { operation: "up", error: new ConcurrentUpdateError(stderr), stderr };
    expect(await failureOf(run(stack, "up", new RecordedProgress()))).toMatchObject({
      ending: "busy",
      said: { what: "up: another update holds the stack: created by kiro@host (pid 7) at 12:00" },
    });
    stack.failure = { operation: "up", error: new ConcurrentUpdateError("") };
    expect((await failureOf(run(stack, "up", new RecordedProgress()))).message).toContain("holder unknown");
  });
});

describe("words for people", () => {
  it("count operations and shorten URNs", () => {
    expect(describeCounts({ create: 2, update: 0, same: 30 })).toBe("2 create, 30 same");
    expect(describeCounts({})).toBe("nothing");
    expect(nameOf(urn("artifacts"))).toBe("artifacts");
  });
});

describe("the secrets settings of a state", () => {
  it.each([
    [
      { secrets_providers: { type: "cloud", state: { url: "awskms://a", encryptedkey: "k" } } },
      { secretsprovider: "awskms://a", encryptedkey: "k" },
    ],
    [{ secrets_providers: { type: "passphrase", state: { salt: "v1:x" } } }, { encryptionsalt: "v1:x" }],
    [{}, {}],
    [null, {}],
  ])("of %j are %j", (deployment, settings) => expect(secretsIn(deployment)).toEqual(settings));
});

// Helpers

const run = (stack: StackDouble, operation: "preview" | "up", progress: RecordedProgress) =>
  runEngine<unknown>(operation, progress, (hooks) => stack[operation]({ ...hooks, plan: "plan.json" }));

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error("it did not fail"),
    (error: Error) => error,
  );
}

const commandError = (): CommandError => new CommandError("the whole output, twice");
