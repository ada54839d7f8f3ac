import { describe, expect, it } from "@jest/globals";
import { type ActionExecutionDetail } from "@aws-sdk/client-codepipeline";
import { actionTable, makeDisplay } from "../../../../local/demo/display";
import { stages, timeline } from "../../../../local/demo/timeline";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const action = (over: Partial<ActionExecutionDetail>): ActionExecutionDetail => ({
  stageName: "Build",
  actionName: "Build",
  status: "Succeeded",
  startTime: at(0),
  lastUpdateTime: at(4),
  ...over,
});

describe("timeline", () => {
  it("puts the newest-first list of CodePipeline in the order of what happened", () => {
    const lines = timeline(
      [action({ stageName: "TestEnv", actionName: "Deploy", startTime: at(5), lastUpdateTime: at(7.25) }), action({})],
      at(60),
    );
    expect(lines.map((line) => [line.stage, line.name, line.seconds])).toEqual([
      ["Build", "Build", 4],
      ["TestEnv", "Deploy", 2.3],
    ]);
  });

  it("shows the last attempt of an action that was retried", () => {
    const lines = timeline([action({ startTime: at(10), status: "Succeeded" }), action({ status: "Failed" })], at(60));
    expect(lines.map((line) => line.status)).toEqual(["Succeeded"]);
  });

  it("lets an action in progress grow with the clock", () => {
    const [line] = timeline([action({ status: "InProgress", lastUpdateTime: at(1) })], at(30));
    expect(line?.seconds).toBe(30);
  });

  it("carries why an action failed and which build it was", () => {
    const output = { executionResult: { externalExecutionId: "p:1", errorDetails: { message: "exit status 1" } } };
    expect(timeline([action({ status: "Failed", output })], at(9))[0]).toMatchObject({
      detail: "exit status 1",
      buildId: "p:1",
    });
  });

  it("groups actions by stage for the summary", () => {
    const lines = timeline([action({ stageName: "TestEnv", startTime: at(5) }), action({})], at(60));
    expect(stages(lines)).toEqual([
      { name: "Build", actions: [{ name: "Build", status: "Succeeded", seconds: 4 }] },
      { name: "TestEnv", actions: [{ name: "Build", status: "Succeeded", seconds: 0 }] },
    ]);
  });
});

describe("the display", () => {
  const sink = (isTTY: boolean) => {
    const written: string[] = [];
    const out = { isTTY, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WritableStream;
    return { written, out };
  };
  const lines = (status: ActionExecutionDetail["status"] & string) => timeline([action({ status })], at(2));

  it("prints a line per change where there is no terminal, and no line for the same again", () => {
    const { written, out } = sink(false);
    const display = makeDisplay(out);
    display.show(lines("InProgress"));
    display.show(lines("InProgress"));
    display.show(lines("Succeeded"));
    expect(written).toHaveLength(2);
    expect(written[1]).toMatch(/Build +Build +Succeeded +4\.0 s\n$/);
  });

  it("redraws its block on a terminal, below what is said meanwhile", () => {
    const { written, out } = sink(true);
    const display = makeDisplay(out);
    display.show(lines("InProgress"));
    display.say("approving");
    expect(written.slice(1)).toEqual(["\u001b[1A\u001b[0J", "approving\n", written[0]]);
    display.settle();
    display.say("done");
    expect(written.at(-1)).toBe("done\n");
  });

  it("ends with a table of stages, actions, states and seconds", () => {
    expect(actionTable(lines("Failed"))).toMatch(/Build.*Build.*Failed.*4\.0/);
  });
});
