import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startHarness, type Harness } from "./harness";

let cloud: Harness;
beforeAll(async () => {
  cloud = await startHarness();
}, 30_000);
afterAll(() => cloud.stop());

const spec = (...commands: string[]): string =>
  ["version: 0.2", "phases:", "  build:", "    commands:", ...commands.map((each) => `      - ${each}`), ""].join("\n");

describe("a build", () => {
  it("runs the commands of an inline buildspec and logs them", async () => {
    await cloud.project("hello", spec("echo hello from $CODEBUILD_BUILD_ID", "cd /tmp", "pwd"));
    const build = await cloud.run({ projectName: "hello" });
    const lines = await cloud.lines(build);
    expect(build.buildStatus).toBe("SUCCEEDED");
    expect(lines).toContain(`hello from ${build.id}`);
    expect(lines).toContain("/tmp");
  });
});
