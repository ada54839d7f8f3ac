/** A local cloud with a role, a bucket, a connection and CodeBuild projects: what a pipeline needs to run. */
import { CreateProjectCommand, CodeBuildClient } from "@aws-sdk/client-codebuild";
import { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Cloud, openCloud } from "../../../../local/cloud/cloud";
import { projectRoot } from "../../../../local/cloud/paths";
import { createCodeBuild } from "../../../../local/codebuild";
import { createCodeConnections } from "../../../../local/codeconnections";
import { createCodePipeline } from "../../../../local/codepipeline";
import { ACCOUNT, BUCKET } from "./definition";
import { rootEnvironment } from "../../../support/emulator";

const run = promisify(execFile);
export interface Rig {
  readonly pipelines: CodePipelineClient;
  readonly connection: string;
  readonly topic: string;
  /** The key that artifacts are encrypted with. */
  readonly key: string;
  /** Allows the pipeline's role these statements; replaces what it was allowed before. */
  allow(actions: readonly string[]): Promise<void>;
  /** Commits to a checkout and pushes to the branch; answers with the commit's id. */
  push(message: string, branch?: string): Promise<string>;
  project(name: string, buildspec: string): Promise<void>;
  /** What was published to the topic since the last call. */
  notifications(): Promise<readonly string[]>;
  /** A client of any kind, as the root of the account. */
  options(): { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** The AWS CLI as the root of the account. */
  aws(...args: string[]): Promise<Record<string, unknown>>;
  /** What the cloud logged: it goes into the message of a test that waited in vain. */
  log(): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRig(): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), "codepipeline-"));
  const log: string[] = [];
  let cloud = await open(directory, log);
  const options = () => ({
    endpoint: cloud.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const iam = new IAMClient(options());
  await role(iam, "delivery", "codepipeline.amazonaws.com");
  await role(iam, "builder", "codebuild.amazonaws.com");
  await grant(iam, "builder", ["s3:*", "logs:*", "kms:*", "codeconnections:UseConnection"]);
  await new S3Client({ ...options(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: BUCKET }));
  const { KeyMetadata } = await new KMSClient(options()).send(new CreateKeyCommand({}));
  const { TopicArn: topic = "" } = await new SNSClient(options()).send(new CreateTopicCommand({ Name: "approvals" }));
  const sqs = new SQSClient(options());
  const fromTopics = policyOf({
    Principal: { Service: "sns.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: "*",
  });
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: "approvers", Attributes: { Policy: fromTopics } }),
  );
  await new SNSClient(options()).send(
    new SubscribeCommand({ TopicArn: topic, Protocol: "sqs", Endpoint: `arn:aws:sqs:us-east-1:${ACCOUNT}:approvers` }),
  );

  const aws = async (...args: string[]) => {
    const env = { ...process.env, ...rootEnvironment(cloud.endpoint) };
    const { stdout } = await run(join(projectRoot(), ".local", "venv", "bin", "aws"), args, { env });
    return (stdout === "" ? {} : JSON.parse(stdout)) as Record<string, unknown>;
  };
  const named = ["--connection-name", "git", "--provider-type", "GitHub"];
  const { ConnectionArn } = await aws("codeconnections", "create-connection", ...named);
  const checkout = join(directory, "checkout");
  const git = async (...args: string[]) => (await run("git", ["-C", checkout, ...args])).stdout;
  await run("git", ["init", "--quiet", "--initial-branch=main", checkout]);
  await git("config", "user.name", "Developer");
  await git("config", "user.email", "developer@example.com");
  let commits = 0;

  return {
    get pipelines() {
      return new CodePipelineClient(options());
    },
    connection: String(ConnectionArn),
    topic,
    key: KeyMetadata?.Arn ?? "",
    allow: (actions) => grant(new IAMClient(options()), "delivery", actions),
    async push(message, branch = "main") {
      commits += 1;
      await writeFile(join(checkout, "file.txt"), `${commits}\n`);
      await git("add", "--all");
      await git("commit", "--quiet", "--message", message);
      await git("push", "--quiet", join(cloud.gitDir, "acme", "worker.git"), `HEAD:${branch}`);
      return (await git("rev-parse", "HEAD")).trim();
    },
    async project(name, buildspec) {
      await new CodeBuildClient(options()).send(
        new CreateProjectCommand({
          name,
          source: { type: "CODEPIPELINE", buildspec },
          artifacts: { type: "CODEPIPELINE" },
          environment: {
            type: "LINUX_CONTAINER",
            image: "aws/codebuild/standard:7.0",
            computeType: "BUILD_GENERAL1_SMALL",
          },
          serviceRole: `arn:aws:iam::${ACCOUNT}:role/builder`,
        }),
      );
    },
    async notifications() {
      const { Messages = [] } = await new SQSClient(options()).send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
      );
      return Messages.map((m) => (JSON.parse(m.Body ?? "{}") as { Message: string }).Message);
    },
    options,
    aws,
    log: () => log.join("\n"),
    async restart() {
      await cloud.stop();
      cloud = await open(directory, log);
    },
    async stop() {
      await cloud.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

// Helpers

function open(directory: string, log: string[]): Promise<Cloud> {
  return openCloud({
    root: projectRoot(),
    directory,
    persist: true,
    services: [
      { name: "codebuild", models: [{ service: "codebuild", apiVersion: "2016-10-06" }], create: createCodeBuild },
      {
        name: "codeconnections",
        models: [{ service: "codeconnections", apiVersion: "2023-12-01" }],
        create: createCodeConnections,
      },
      {
        name: "codepipeline",
        models: [{ service: "codepipeline", apiVersion: "2015-07-09" }],
        create: createCodePipeline,
      },
    ],
    log: (line) => log.push(line),
  }).then(async (cloud) => {
    // What the cloud's own command writes: the post-receive hook looks there for the gateway.
    await writeFile(join(directory, "cloud.json"), JSON.stringify({ endpoint: cloud.endpoint }));
    return cloud;
  });
}

async function role(iam: IAMClient, name: string, service: string): Promise<void> {
  const AssumeRolePolicyDocument = policyOf({ Principal: { Service: service }, Action: "sts:AssumeRole" });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
}

async function grant(iam: IAMClient, name: string, actions: readonly string[]): Promise<void> {
  const PolicyDocument = policyOf({ Action: actions, Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "rights", PolicyDocument }));
}

function policyOf(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}
