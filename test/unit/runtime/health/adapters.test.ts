import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { BatchGetBuildsCommand, type Build, CodeBuildClient, StartBuildCommand } from "@aws-sdk/client-codebuild";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { cloudWatchAlarms } from "../../../../runtime/health/cloudWatchAlarms";
import { codeBuildJobs } from "../../../../runtime/health/codeBuildJobs";

const cloudWatch = mockClient(CloudWatchClient);
const codeBuild = mockClient(CodeBuildClient);
const alarms = cloudWatchAlarms(new CloudWatchClient({ region: "us-east-1" }));
const jobs = codeBuildJobs(new CodeBuildClient({ region: "us-east-1" }), "worker-test");
beforeEach(() => {
  cloudWatch.reset();
  codeBuild.reset();
});

describe("alarms in CloudWatch", () => {
  it("are all pages of metric and composite alarms of the prefix", async () => {
    cloudWatch
      .on(DescribeAlarmsCommand)
      .resolvesOnce({ MetricAlarms: [{ AlarmName: "a", StateValue: "ALARM", StateReason: "3" }], NextToken: "2" })
      .resolvesOnce({ CompositeAlarms: [{ AlarmName: "b", StateValue: "INSUFFICIENT_DATA" }] });
    expect(await alarms.states("worker-test-")).toEqual([
      { name: "a", state: "ALARM", reason: "3" },
      { name: "b", state: "INSUFFICIENT_DATA", reason: undefined },
    ]);
    expect(cloudWatch.commandCalls(DescribeAlarmsCommand).map((call) => call.args[0].input)).toEqual([
      expect.objectContaining({ AlarmNamePrefix: "worker-test-", AlarmTypes: ["MetricAlarm", "CompositeAlarm"] }),
      expect.objectContaining({ NextToken: "2" }),
    ]);
  });

  it.each([{ AlarmName: "a" }, { StateValue: "OK" as const }])(
    "without name or state are no alarms: %j",
    async (alarm) => {
      cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm] });
      await expect(alarms.states("")).rejects.toThrow("CloudWatch described an alarm without a known state");
    },
  );
});

describe("worker jobs in CodeBuild", () => {
  it("are started once per token", async () => {
    codeBuild
      .on(StartBuildCommand)
      .resolvesOnce({ build: { id: "worker-test:1" } })
      .resolves({});
    expect(await jobs.start("token")).toBe("worker-test:1");
    expect(codeBuild.commandCalls(StartBuildCommand)[0]?.args[0].input).toEqual({
      projectName: "worker-test",
      idempotencyToken: "token",
    });
    await expect(jobs.start("token")).rejects.toThrow("CodeBuild started a build of worker-test without an id");
  });

  it.each<[string, Build, object]>([
    ["IN_PROGRESS", {}, { kind: "running" }],
    ["SUCCEEDED", {}, { kind: "succeeded", releaseVersion: undefined }],
    ["FAILED", {}, { kind: "failed", because: "the build ended as FAILED" }],
    ["TIMED_OUT", {}, { kind: "failed", because: "the build ended as TIMED_OUT" }],
    ["FAULT", {}, { kind: "error", because: "the build ended as FAULT" }],
    ["STOPPED", {}, { kind: "error", because: "the build ended as STOPPED" }],
  ])("that are %s mean what they mean", async (buildStatus, build, status) => {
    codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ ...build, buildStatus: buildStatus as "FAILED" }] });
    expect(await jobs.status("worker-test:1")).toEqual(status);
  });

  it("say which release they ran", async () => {
    const exportedEnvironmentVariables = [
      { name: "OTHER", value: "x" },
      { name: "RELEASE_VERSION", value: "v1" },
    ];
    codeBuild
      .on(BatchGetBuildsCommand)
      .resolves({ builds: [{ buildStatus: "SUCCEEDED", exportedEnvironmentVariables }] });
    expect(await jobs.status("worker-test:1")).toEqual({ kind: "succeeded", releaseVersion: "v1" });
  });

  it("that CodeBuild does not know, or says nothing of, could not be measured", async () => {
    codeBuild
      .on(BatchGetBuildsCommand)
      .resolvesOnce({})
      .resolves({ builds: [{}] });
    expect(await jobs.status("1")).toEqual({ kind: "error", because: "CodeBuild does not know the build" });
    expect(await jobs.status("1")).toEqual({ kind: "error", because: "the build ended as unknown" });
  });
});
