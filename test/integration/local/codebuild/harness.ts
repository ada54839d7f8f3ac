import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CloudWatchLogsClient, CreateLogGroupCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Build, Project, StartBuildInput } from "@aws-sdk/client-codebuild";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { createCodeBuild } from "../../../../local/codebuild";
import type { AwsCredentials, AwsEvent, Call, LocalService } from "../../../../local/services/contract";
import { startEmulator } from "../../../support/emulator";

const ACCOUNT = "000000000000";
export const REGION = "us-east-1";
export const BUCKET = "codebuild-artifacts";

const ROOT = { accessKeyId: "test", secretAccessKey: "test" };

/** The rights that the tests' projects need at most; a test leaves out the one that it is about. */
const RIGHTS = {
  logs: { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resource: "*" },
  read: { actions: ["s3:GetObject", "s3:GetObjectVersion"], resource: `arn:aws:s3:::${BUCKET}/*` },
  write: { actions: ["s3:PutObject"], resource: `arn:aws:s3:::${BUCKET}/*` },
  parameters: { actions: ["ssm:GetParameters"], resource: "*" },
  secrets: { actions: ["secretsmanager:GetSecretValue"], resource: "*" },
  reports: {
    actions: [
      "codebuild:CreateReportGroup",
      "codebuild:CreateReport",
      "codebuild:UpdateReport",
      "codebuild:BatchPutTestCases",
      "codebuild:BatchPutCodeCoverages",
    ],
    resource: `arn:aws:codebuild:${REGION}:${ACCOUNT}:report-group/*`,
  },
} as const;
export type Right = keyof typeof RIGHTS;

/** The service alone beside an emulator, driven as the gateway would drive it. */
export interface Harness {
  readonly endpoint: string;
  readonly stateDir: string;
  readonly gitDir: string;
  readonly s3: S3Client;
  readonly iam: IAMClient;
  readonly events: AwsEvent[];
  readonly log: string[];
  call<T>(operation: string, input: unknown): Promise<T>;
  /** Makes a role with these rights. */
  role(name: string, rights: readonly Right[]): Promise<string>;
  /** A project without source that runs `buildspec`, with its role and log group. */
  project(name: string, buildspec: string, rights?: readonly Right[], more?: Partial<Project>): Promise<void>;
  start(request: StartBuildInput): Promise<string>;
  get(id: string): Promise<Build>;
  /** The build once it is over. */
  ended(id: string): Promise<Build>;
  /** Starts a build and waits for its end. */
  run(request: StartBuildInput): Promise<Build>;
  /** The build's lines in CloudWatch Logs. */
  lines(build: Build): Promise<string[]>;
  /** Stops the service and starts it again on the same state. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A caller that may do everything. */
const ANYONE: Call = {
  requestId: "test",
  caller: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/tester/someone`, accountId: ACCOUNT, region: REGION },
  authorize: async () => undefined,
};

export async function startHarness(): Promise<Harness> {
  const emulator = await startEmulator();
  const config = { endpoint: emulator.endpoint, region: REGION, credentials: ROOT };
  const [s3, iam] = [new S3Client({ ...config, forcePathStyle: true }), new IAMClient(config)];
  const [sts, logs] = [new STSClient(config), new CloudWatchLogsClient(config)];
  const base = await mkdtemp(path.join(tmpdir(), "codebuild-"));
  const [stateDir, gitDir] = [path.join(base, "state"), path.join(base, "git")];
  const events: AwsEvent[] = [];
  const log: string[] = [];
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));

  const open = (): Promise<LocalService> =>
    createCodeBuild({
      endpoint: emulator.endpoint,
      accountId: ACCOUNT,
      region: REGION,
      stateDir,
      gitDir,
      publish: (event) => events.push(event),
      log: (message) => log.push(message),
      assumeRole: async (roleArn, RoleSessionName): Promise<AwsCredentials> => {
        const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName }));
        return {
          accessKeyId: Credentials?.AccessKeyId ?? "",
          secretAccessKey: Credentials?.SecretAccessKey ?? "",
          sessionToken: Credentials?.SessionToken ?? "",
        };
      },
    });
  let service = await open();

  const harness: Harness = {
    endpoint: emulator.endpoint,
    stateDir,
    gitDir,
    s3,
    iam,
    events,
    log,
    call: async <T>(operation: string, input: unknown) => (await service.handle(operation, input, ANYONE)) as T,
    role: async (name, rights) => {
      const trust = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" }],
      };
      await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) }));
      const Statement = rights.map((right) => ({
        Effect: "Allow",
        Action: RIGHTS[right].actions,
        Resource: RIGHTS[right].resource,
      }));
      if (Statement.length > 0) {
        const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
        await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "rights", PolicyDocument }));
      }
      return `arn:aws:iam::${ACCOUNT}:role/${name}`;
    },
    project: async (name, buildspec, rights = ["logs"], more = {}) => {
      await logs.send(new CreateLogGroupCommand({ logGroupName: `/aws/codebuild/${name}` }));
      await harness.call("CreateProject", {
        name,
        source: { type: "NO_SOURCE", buildspec },
        artifacts: { type: "NO_ARTIFACTS" },
        environment: {
          type: "LINUX_CONTAINER",
          image: "aws/codebuild/standard:7.0",
          computeType: "BUILD_GENERAL1_SMALL",
        },
        serviceRole: await harness.role(name, rights),
        ...more,
      });
    },
    start: async (request) => {
      const { build } = await harness.call<{ build: Build }>("StartBuild", request);
      return build.id ?? "";
    },
    get: async (id) => {
      const { builds } = await harness.call<{ builds: Build[] }>("BatchGetBuilds", { ids: [id] });
      return builds[0] ?? {};
    },
    ended: async (id) => {
      for (;;) {
        const build = await harness.get(id);
        if (build.buildComplete) return build;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    run: async (request) => harness.ended(await harness.start(request)),
    lines: async (build) => {
      const { groupName, streamName } = build.logs ?? {};
      const { events: found } = await logs.send(
        new GetLogEventsCommand({ logGroupName: groupName, logStreamName: streamName, startFromHead: true }),
      );
      return (found ?? []).map(({ message }) => (message ?? "").replace(/\n$/, ""));
    },
    restart: async () => {
      await service.stop();
      service = await open();
    },
    stop: async () => {
      await service.stop();
      for (const client of [s3, iam, sts, logs]) client.destroy();
      await emulator.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
  return harness;
}
