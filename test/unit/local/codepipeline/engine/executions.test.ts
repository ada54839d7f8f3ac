import { describe, expect, it } from "@jest/globals";
import { approval, build, declare, source, World } from "./world";

describe("SUPERSEDED", () => {
  it("keeps only the newest of those that wait at a stage, and never touches the one inside", () => {
    const world = new World(declare());
    const [first, second, third] = [world.start(), world.start(), world.start()];
    expect(world.running()).toEqual(["Source/Source"]);
    expect([first, second, third].map((id) => world.status(id))).toEqual(["InProgress", "forgotten", "InProgress"]);
    expect(world.forgotten.map((e) => [e.id, e.status, e.statusSummary])).toEqual([
      [second, "Superseded", `Superseded by ${third}`],
    ]);
    world.succeed("Source");
    expect(world.running()).toEqual(["Build/Build", "Source/Source"]);
  });
});

describe("QUEUED", () => {
  it("lets everyone through in the order of their start", () => {
    const world = new World(declare({ executionMode: "QUEUED" }));
    const ids = [world.start(), world.start(), world.start()];
    const entered: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      entered.push(world.job("Source").executionId);
      world.succeed("Source");
    }
    expect(entered).toEqual(ids);
    expect(world.running()).toEqual(["Build/Build"]);
    world.fail("Build");
    expect(world.job("Build").executionId).toBe(ids[1]);
    expect(ids.map((id) => world.status(id))).toEqual(
      ["Failed", "InProgress", "InProgress"].map((s, i) => (i === 0 ? "forgotten" : s)),
    );
  });

  it("takes no more than fifty", () => {
    const world = new World(declare({ executionMode: "QUEUED" }));
    for (let i = 0; i < 50; i += 1) world.start();
    expect(() => world.start()).toThrow("ConcurrentPipelineExecutionsLimitExceededException");
  });
});

describe("transitions", () => {
  const close = (stage: string, direction: "Inbound" | "Outbound" = "Inbound") =>
    ({ kind: "transition", stage, direction, enabled: false, reason: "freeze", by: "someone" }) as const;

  it("hold executions back while closed, the newest when opened again", () => {
    const world = new World(declare());
    world.tell(close("Source", "Outbound"));
    const first = world.start();
    world.succeed("Source");
    const second = world.start();
    world.succeed("Source");
    expect(world.running()).toEqual([]);
    expect(world.forgotten.map((e) => e.id)).toEqual([first]);
    expect(world.state.stages["Build"]?.inbound).toMatchObject({
      enabled: false,
      reason: "freeze",
      changedBy: "someone",
    });
    world.tell({ kind: "transition", stage: "Build", direction: "Inbound", enabled: true, by: "someone" });
    expect(world.job("Build").executionId).toBe(second);
  });

  it("exist only where there is a way", () => {
    const world = new World(declare());
    expect(world.tell(close("Nowhere"))).toBe("StageNotFoundException");
    expect(world.tell(close("Production", "Outbound"))).toBe("ValidationException");
  });
});

describe("stop", () => {
  const two = () => {
    const world = new World(
      declare({
        stages: [
          { name: "Source", actions: [source("Source")] },
          { name: "Build", actions: [build("A"), build("B", { runOrder: 2 })] },
        ],
      }),
    );
    const id = world.start();
    world.succeed("Source");
    return { world, id };
  };

  it("and wait lets the running action finish and starts nothing more", () => {
    const { world, id } = two();
    world.tell({ kind: "stop", executionId: id, abandon: false, reason: "enough" });
    expect(world.status(id)).toBe("Stopping");
    expect(world.tell({ kind: "stop", executionId: id, abandon: false, reason: "enough" })).toBe(
      "DuplicatedStopRequestException",
    );
    world.succeed("A");
    expect(world.status(id)).toBe("Stopped");
    expect(world.running()).toEqual([]);
    expect(world.tell({ kind: "stop", executionId: id, abandon: true, reason: "again" })).toBe(
      "PipelineExecutionNotStoppableException",
    );
  });

  it("and abandon leaves the action behind and ignores its end, also after a stop and wait", () => {
    const { world, id } = two();
    const { actionId } = world.job("A");
    world.tell({ kind: "stop", executionId: id, abandon: false, reason: "enough" });
    world.tell({ kind: "stop", executionId: id, abandon: true, reason: "now" });
    expect(world.status(id)).toBe("Stopped");
    expect(world.effects).toContainEqual({ kind: "abandon", actionId });
    world.tell({ kind: "succeeded", executionId: id, actionId });
    expect(world.execution(id).actions.at(-1)).toMatchObject({ status: "Abandoned" });
    expect(world.published().slice(-5)).toEqual([
      "Pipeline STOPPING",
      "Stage Build STOPPING",
      "Action Build/A ABANDONED",
      "Stage Build STOPPED",
      "Pipeline STOPPED",
    ]);
  });

  it("ends one that waits between stages at once", () => {
    const world = new World(declare({ executionMode: "QUEUED" }));
    world.start();
    const second = world.start();
    world.tell({ kind: "stop", executionId: second, abandon: false, reason: "enough" });
    expect(world.forgotten.map((e) => [e.id, e.status])).toEqual([[second, "Stopped"]]);
  });

  it("refuses what it does not know", () => {
    const world = new World(declare());
    expect(world.tell({ kind: "stop", executionId: "nobody", abandon: false, reason: "" })).toBe(
      "PipelineExecutionNotStoppableException",
    );
  });
});

describe("retry", () => {
  const failed = () => {
    const world = new World(
      declare({
        stages: [
          { name: "Source", actions: [source("Source")] },
          { name: "Build", actions: [build("A"), build("B"), build("C", { runOrder: 2 })] },
        ],
      }),
    );
    const id = world.start();
    world.succeed("Source");
    world.succeed("A");
    world.fail("B");
    return { world, id };
  };
  const again = (executionId: string, mode: "FAILED_ACTIONS" | "ALL_ACTIONS", stage = "Build") =>
    ({ kind: "retry", executionId, stage, mode }) as const;

  it("runs the failed actions again, then goes on", () => {
    const { world, id } = failed();
    world.tell(again(id, "FAILED_ACTIONS"));
    expect(world.running()).toEqual(["Build/B"]);
    world.succeed("B");
    world.succeed("C");
    expect(world.status(id)).toBe("Succeeded");
    expect(world.published()).toEqual(expect.arrayContaining(["Pipeline RESUMED", "Stage Build RESUMED"]));
    expect(world.execution(id).stages.at(-1)?.manualRetries).toBe(1);
  });

  it("runs all actions again when asked", () => {
    const { world, id } = failed();
    world.tell(again(id, "ALL_ACTIONS"));
    expect(world.running()).toEqual(["Build/A", "Build/B"]);
  });

  it("goes on after a stop, with a clean slate", () => {
    const { world, id } = failed();
    world.tell(again(id, "FAILED_ACTIONS"));
    world.tell({ kind: "stop", executionId: id, abandon: true, reason: "now" });
    world.tell(again(id, "FAILED_ACTIONS"));
    expect(world.running()).toEqual(["Build/B"]);
    expect(world.execution(id)).toMatchObject({ status: "InProgress", attempt: 2 });
    expect(world.execution(id).stop).toBeUndefined();
  });

  it("is only for the latest execution in a stage that did not succeed, of the same structure", () => {
    const { world, id } = failed();
    expect(world.tell(again("nobody", "FAILED_ACTIONS"))).toBe("NotLatestPipelineExecutionException");
    expect(world.tell(again(id, "FAILED_ACTIONS", "Source"))).toBe("StageNotRetryableException");
    world.tell({ kind: "update", declaration: world.state.declaration });
    expect(world.tell(again(id, "FAILED_ACTIONS"))).toBe("StageNotRetryableException");
    const second = world.start();
    world.succeed("Source");
    expect(world.tell(again(id, "FAILED_ACTIONS"))).toBe("NotLatestPipelineExecutionException");
    expect(world.tell(again(second, "FAILED_ACTIONS"))).toBe("StageNotRetryableException");
  });
});

describe("update", () => {
  it("leaves running executions their structure, and drops it when nobody needs it any more", () => {
    const world = new World(declare());
    const id = world.start();
    const shorter = declare({
      stages: [
        { name: "Source", actions: [source("Source")] },
        { name: "Ship", actions: [approval("Approve")] },
      ],
    });
    world.tell({ kind: "update", declaration: shorter });
    expect(world.state.declaration.version).toBe(2);
    expect(Object.keys(world.state.structures)).toEqual(["1"]);
    world.succeed("Source");
    world.succeed("Build");
    world.tell({
      kind: "answer",
      stage: "Production",
      action: "Approve",
      token: world.job("Approve").token ?? "",
      approved: true,
      summary: "",
      by: "x",
    });
    world.succeed("Deploy");
    expect(world.status(id)).toBe("Succeeded");
    const second = world.start();
    world.succeed("Source");
    expect(world.execution(second).version).toBe(2);
    expect(world.running()).toEqual(["Ship/Approve"]);
  });
});
