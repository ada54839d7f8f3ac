import { describe, expect, it } from "@jest/globals";
import { approval, build, declare, source, World } from "./world";

describe("one execution", () => {
  it("walks the stages in order, each action after the ones before it", () => {
    const world = new World(declare());
    const id = world.start();
    expect(world.running()).toEqual(["Source/Source"]);
    world.succeed("Source", { CommitId: "abc" });
    expect(world.running()).toEqual(["Build/Build"]);
    world.succeed("Build");
    expect(world.running()).toEqual(["Production/Approve"]);
    const { token } = world.job("Approve");
    world.tell(answer(token));
    expect(world.running()).toEqual(["Production/Deploy"]);
    world.succeed("Deploy");
    expect(world.status(id)).toBe("Succeeded");
    expect(world.published()).toEqual([
      "Pipeline STARTED",
      "Stage Source STARTED",
      "Action Source/Source STARTED",
      "Action Source/Source SUCCEEDED",
      "Stage Source SUCCEEDED",
      "Stage Build STARTED",
      "Action Build/Build STARTED",
      "Action Build/Build SUCCEEDED",
      "Stage Build SUCCEEDED",
      "Stage Production STARTED",
      "Action Production/Approve STARTED",
      "Action Production/Approve SUCCEEDED",
      "Action Production/Deploy STARTED",
      "Action Production/Deploy SUCCEEDED",
      "Stage Production SUCCEEDED",
      "Pipeline SUCCEEDED",
    ]);
  });

  it("runs actions of one runOrder side by side and waits for all of them", () => {
    const world = new World(withBuild([build("A"), build("B"), build("C", { runOrder: 2 })]));
    world.start();
    world.succeed("Source");
    expect(world.running()).toEqual(["Build/A", "Build/B"]);
    world.succeed("B");
    expect(world.running()).toEqual(["Build/A"]);
    world.succeed("A");
    expect(world.running()).toEqual(["Build/C"]);
  });

  it("ends a stage as failed only after the actions beside the failed one are done", () => {
    const world = new World(withBuild([build("A"), build("B"), build("C", { runOrder: 2 })]));
    const id = world.start();
    world.succeed("Source");
    world.fail("A", "tests are red");
    expect(world.status(id)).toBe("InProgress");
    world.succeed("B");
    expect(world.status(id)).toBe("Failed");
    expect(world.running()).toEqual([]);
    const failed = world.effects.find(
      (e) => e.kind === "publish" && e.level === "Stage" && e.detail["state"] === "FAILED",
    );
    expect(failed).toMatchObject({
      detail: { stage: "Build", "failed-actions": [{ action: "A", "additional-information": "tests are red" }] },
    });
  });

  it("hands artifacts on from the action that made them", () => {
    const world = new World(withBuild([build("A", { outputArtifacts: [{ name: "BuildOutput" }] })]));
    world.start();
    const made = world.job("Source").outputs;
    expect(made).toEqual([
      { name: "SourceOutput", bucket: "artifacts", key: expect.stringMatching(/^delivery\/SourceOutput\/\w{7}\.zip$/) },
    ]);
    world.succeed("Source");
    expect(world.job("A").inputs).toEqual(made);
  });

  it("ignores a second report about an action, and reports about what it does not know", () => {
    const world = new World(declare());
    const id = world.start();
    const { actionId } = world.job("Source");
    world.succeed("Source");
    world.tell({ kind: "failed", executionId: id, actionId, error: { code: "JobFailed", message: "late" } });
    world.tell({ kind: "succeeded", executionId: "execution-unknown", actionId });
    world.tell({ kind: "progress", executionId: id, actionId, externalExecutionId: "late" });
    expect(world.status(id)).toBe("InProgress");
    expect(world.running()).toEqual(["Build/Build"]);
  });

  it("keeps the revision of each source and the progress of a running action", () => {
    const world = new World(declare());
    const id = world.start();
    const { actionId } = world.job("Source");
    const revision = {
      actionName: "Source",
      artifactName: "SourceOutput",
      revisionId: "abc",
      revisionSummary: "first",
      revisionUrl: "u",
      createdAt: 0,
    };
    world.tell({ kind: "succeeded", executionId: id, actionId, revision });
    expect(world.execution(id).revisions).toEqual([revision]);
    const running = world.job("Build");
    world.tell({
      kind: "progress",
      executionId: id,
      actionId: running.actionId,
      externalExecutionId: "b:1",
      externalExecutionUrl: "u",
      summary: "s",
    });
    expect(world.execution(id).actions.at(-1)).toMatchObject({
      externalExecutionId: "b:1",
      externalExecutionUrl: "u",
      summary: "s",
    });
  });
});

describe("variables", () => {
  const reading = (reference: string) =>
    build("Use", {
      configuration: { ProjectName: "p", EnvironmentVariables: `[{"name":"X","value":"#{${reference}}"}]` },
    });

  it("resolves namespaces, pipeline variables and the execution's id", () => {
    const stages = [
      { name: "Source", actions: [source("Source")] },
      { name: "Build", actions: [build("Build", { namespace: "Build" })] },
      {
        name: "Use",
        actions: [
          build("Use", {
            configuration: {
              ProjectName: "#{Build.P}",
              PrimarySource: "#{codepipeline.PipelineExecutionId}/#{variables.who}/#{variables.dflt}",
            },
          }),
        ],
      },
    ];
    const variables = [{ name: "who" }, { name: "dflt", defaultValue: "d" }];
    const world = new World(declare({ stages, variables }));
    const id = world.start({ who: "me" });
    world.succeed("Source");
    world.succeed("Build", { P: "" });
    expect(world.job("Use").configuration).toEqual({ ProjectName: "", PrimarySource: `${id}/me/d` });
  });

  it("keeps EnvironmentVariables valid JSON whatever a value holds", () => {
    const world = new World(withBuild([reading("Source.CommitMessage")]));
    world.start();
    world.succeed("Source", { CommitMessage: 'a "quote"\nand more' });
    expect(JSON.parse(world.job("Use").configuration["EnvironmentVariables"] ?? "")).toEqual([
      { name: "X", value: 'a "quote"\nand more' },
    ]);
  });

  it.each(["Source.Nothing", "Nobody.X", "nodot", "Source.constructor"])(
    "fails the action that reads #{%s} and names it",
    (reference) => {
      const world = new World(withBuild([reading(reference)]));
      const id = world.start();
      world.succeed("Source", { CommitId: "abc" });
      expect(world.status(id)).toBe("Failed");
      const error = world.execution(id).actions.at(-1)?.error;
      expect(error).toMatchObject({ code: "ConfigurationError" });
      expect(error?.message).toContain(`Action name=Use. Unknown: #{${reference}}.`);
    },
  );
});

describe("approvals", () => {
  const toApproval = (change = {}): World => {
    const world = new World(
      declare({
        stages: [
          { name: "Source", actions: [source("Source")] },
          { name: "Production", actions: [approval("Approve", change)] },
        ],
      }),
    );
    world.start();
    world.succeed("Source");
    return world;
  };

  it("take the token once", () => {
    const world = toApproval();
    const { token } = world.job("Approve");
    expect(world.tell(answer("00000000-0000-4000-8000-000000000000"))).toBe("InvalidApprovalTokenException");
    expect(world.tell(answer(token))).toBeUndefined();
    expect(world.tell(answer(token))).toBe("ApprovalAlreadyCompletedException");
    expect(world.status("execution-1")).toBe("Succeeded");
    expect(world.execution("execution-1").actions.at(-1)).toMatchObject({ updatedBy: "someone", summary: "fine" });
    expect(JSON.stringify(world.state)).not.toContain(token);
  });

  it("refuse an answer before the approval was ever reached", () => {
    const world = new World(declare());
    expect(world.tell(answer("x"))).toBe("InvalidApprovalTokenException");
  });

  it("fail when rejected", () => {
    const world = toApproval();
    world.tell({ ...answer(world.job("Approve").token), approved: false, summary: "not today" });
    expect(world.status("execution-1")).toBe("Failed");
    expect(world.execution("execution-1").actions.at(-1)?.error?.message).toBe(
      "The action was rejected by someone: not today",
    );
  });

  it.each([
    [{}, 7 * 24 * 60],
    [{ timeoutInMinutes: 5 }, 5],
  ])("fail when nobody answers in time: %j", (change, minutes) => {
    const world = toApproval(change);
    world.now += minutes * 60_000 - 3000;
    world.tell({ kind: "clock" });
    expect(world.status("execution-1")).toBe("InProgress");
    world.now += 3000;
    world.tell({ kind: "clock" });
    expect(world.status("execution-1")).toBe("Failed");
    expect(world.execution("execution-1").actions.at(-1)?.error?.message).toBe("The approval action has expired.");
  });
});

// Helpers

const withBuild = (actions: ReturnType<typeof build>[]) =>
  declare({
    stages: [
      { name: "Source", actions: [source("Source")] },
      { name: "Build", actions },
    ],
  });

const answer = (token: string | undefined) =>
  ({
    kind: "answer",
    stage: "Production",
    action: "Approve",
    token: token ?? "",
    approved: true,
    summary: "fine",
    by: "someone",
  }) as const;
