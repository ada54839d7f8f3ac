import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { find, statements } from "./components/recording";
import { runProgram, toolsDigest, type ProgramRun } from "./components/programRun";

const root = join(__dirname, "..", "..");
let resources: ProgramRun["resources"];
let outputs: ProgramRun["outputs"];
beforeAll(async () => {
  ({ resources, outputs } = await runProgram());
});

describe("an installation", () => {
  it("consists of exactly these resources", () => {
    const bucket = (name: string): string[] => [
      `Bucket ${name}-bucket`,
      `BucketPolicy ${name}-policy`,
      `BucketPublicAccessBlock ${name}-public-access`,
      `BucketServerSideEncryptionConfiguration ${name}-encryption`,
      `BucketVersioning ${name}-versioning`,
    ];
    const key = (name: string): string[] => [`Key ${name}-key`, `Alias ${name}-alias`];
    const project = (name: string): string[] => [
      `LogGroup ${name}-logs`,
      `Project ${name}-project`,
      `Role ${name}-role`,
      `RolePolicy ${name}-rights`,
    ];
    const topic = (role: string): string[] => [
      `Topic notifications-${role}`,
      `TopicPolicy notifications-${role}-policy`,
      `TopicSubscription notifications-${role}-team@example.com`,
    ];
    const environment = (name: string): string[] => [
      ...key(`${name}-state`),
      ...bucket(`${name}-artifacts`),
      `Policy ${name}-boundary`,
    ];
    const expected = [
      "aws aws",
      ...key("foundation-encryption"),
      ...bucket("foundation-artifacts"),
      "BucketLifecycleConfiguration foundation-artifacts-lifecycle",
      ...bucket("foundation-releases"),
      ...bucket("foundation-state"),
      "Table foundation-deployments-table",
      "LogGroup foundation-pipeline-logs",
      "LogGroup foundation-rollback-logs",
      `BucketObjectv2 tools-${toolsDigest.slice(0, 12)}`,
      ...["worker-test", "worker-staging", "worker-production"].flatMap(environment),
      ...["deployments", "approvals", "rollbacks"].flatMap(topic),
      "Connection source-github",
      ...["build", "integration-test", "e2e-test", "deploy-test", "deploy-staging", "deploy-production"].flatMap(
        (role) => project(`projects-${role}`),
      ),
      ...["alarms", "stages", "builds", "canaries", "tick"].flatMap((rule) => [
        `EventRule rollback-${rule}`,
        `EventTarget rollback-${rule}-target`,
        `Permission rollback-${rule}-permission`,
      ]),
      "Queue rollback-dlq-queue",
      "QueuePolicy rollback-dlq-policy",
      "Role rollback-role",
      "RolePolicy rollback-rights",
      "Function rollback-function",
      "FunctionEventInvokeConfig rollback-retries",
      "FunctionRecursionConfig rollback-recursion",
      "MetricAlarm rollback-failures-alarm",
      "MetricAlarm rollback-rollbacks-alarm",
      "MetricAlarm rollback-rollback-dlq-not-empty-alarm",
      "Role delivery-role",
      "RolePolicy delivery-rights",
      "Pipeline delivery-pipeline",
    ];
    const seen = resources
      .filter(({ type }) => !type.startsWith("kiro:"))
      .map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
    expect(seen.sort()).toEqual(expected.sort());
  });

  it("is tagged once, by the provider", () => {
    const { defaultTags } = find(resources, "pulumi:providers:aws", "aws");
    expect(JSON.parse(String(defaultTags))).toEqual({
      tags: { Project: "KiroWorker", Environment: "prod", ManagedBy: "Pulumi", Feature: "CDPipeline" },
    });
    expect(resources.filter(({ inputs }) => inputs["tags"] !== undefined)).toEqual([]);
  });

  it("says what others need to know of it", () => {
    const bucket = (name: string): string => `kiro-pipeline-prod-${name}-111111111111`;
    const arn = (service: string, resource: string): string => `arn:aws:${service}:eu-west-1:111111111111:${resource}`;
    expect(outputs).toEqual({
      pipelineName: "kiro-pipeline-prod",
      pipelineArn: arn("codepipeline", "kiro-pipeline-prod"),
      projectNames: Object.fromEntries(
        ["build", "integration-test", "e2e-test", "deploy-test", "deploy-staging", "deploy-production"].map((role) => [
          role,
          `kiro-pipeline-prod-${role}`,
        ]),
      ),
      artifactsBucketName: bucket("artifacts"),
      artifactsBucketArn: `arn:aws:s3:::${bucket("artifacts")}`,
      releasesBucketName: bucket("releases"),
      stateBucketName: bucket("state"),
      deploymentsTableName: "kiro-pipeline-prod-deployments",
      deploymentsTableArn: arn("dynamodb", "table/kiro-pipeline-prod-deployments"),
      kmsKeyArn: arn("kms", "key/foundation-encryption-key"),
      pipelineLogGroupName: "/aws/codepipeline/kiro-pipeline-prod",
      rollbackLogGroupName: "/aws/lambda/kiro-pipeline-prod-rollback",
      deploymentsTopicArn: arn("sns", "kiro-pipeline-prod-deployments"),
      rollbackFunctionName: "kiro-pipeline-prod-rollback",
      rollbackFunctionArn: arn("lambda", "function:kiro-pipeline-prod-rollback"),
      rollbackQueueUrl: "https://sqs.eu-west-1.amazonaws.com/111111111111/kiro-pipeline-prod-rollback-dlq",
      approvalsTopicArn: arn("sns", "kiro-pipeline-prod-approvals"),
      rollbacksTopicArn: arn("sns", "kiro-pipeline-prod-rollbacks"),
      connectionArn: arn("codeconnections", "connection/11111111-2222-3333-4444-555555555555"),
      workerPrefix: "kiro-worker",
      toolsDigest,
    });
  });
});

describe("data at rest", () => {
  const mainKey = "arn:aws:kms:eu-west-1:111111111111:key/foundation-encryption-key";

  it("is encrypted with the installation's own key, wherever it rests", () => {
    const keys = resources.flatMap(({ type, name, inputs }): (readonly [string, unknown])[] => {
      switch (type) {
        case "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
          return [[name, inputs["rules"]]];
        case "aws:dynamodb/table:Table":
          return [[name, inputs["serverSideEncryption"]]];
        case "aws:cloudwatch/logGroup:LogGroup":
          return [[name, inputs["kmsKeyId"]]];
        case "aws:sns/topic:Topic":
          return [[name, inputs["kmsMasterKeyId"]]];
        case "aws:lambda/function:Function":
          return [[name, inputs["kmsKeyArn"]]];
        case "aws:sqs/queue:Queue":
          return [[name, inputs["kmsMasterKeyId"]]];
        case "aws:codebuild/project:Project":
          return [[name, inputs["encryptionKey"]]];
        case "aws:codepipeline/pipeline:Pipeline":
          return [[name, inputs["artifactStores"]]];
        default:
          return [];
      }
    });
    expect(keys).toHaveLength(6 + 1 + 8 + 3 + 1 + 1 + 6 + 1);
    for (const [name, value] of keys)
      expect([name, JSON.stringify(value)]).toEqual([name, expect.stringContaining(mainKey)]);
    const rotating = resources
      .filter(({ type }) => type === "aws:kms/key:Key")
      .map(({ inputs }) => inputs["enableKeyRotation"]);
    expect(rotating).toEqual([true, true, true, true]);
  });

  it("lies in private, versioned buckets that plain HTTP does not reach", () => {
    const names = resources
      .filter(({ type }) => type === "aws:s3/bucket:Bucket")
      .map(({ name }) => name.replace(/-bucket$/, ""));
    expect(names).toHaveLength(6);
    for (const name of names) {
      const { bucket } = find(resources, "aws:s3/bucket:Bucket", `${name}-bucket`);
      const arn = `arn:aws:s3:::${String(bucket)}`;
      expect(
        find(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", `${name}-public-access`),
      ).toEqual({
        bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      expect(find(resources, "aws:s3/bucketVersioning:BucketVersioning", `${name}-versioning`)).toEqual({
        bucket,
        versioningConfiguration: { status: "Enabled" },
      });
      expect(statements(find(resources, "aws:s3/bucketPolicy:BucketPolicy", `${name}-policy`)["policy"])).toEqual([
        {
          Sid: "RefusePlainHttp",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]);
    }
  });

  it("expires where it is only handed on, and nowhere else", () => {
    const lifecycles = resources.filter(({ type }) => type.endsWith(":BucketLifecycleConfiguration"));
    expect(lifecycles.map(({ inputs }) => inputs)).toEqual([
      {
        bucket: "kiro-pipeline-prod-artifacts-111111111111",
        rules: [
          {
            id: "transition-to-infrequent-access",
            status: "Enabled",
            filter: { prefix: "" },
            transitions: [{ days: 30, storageClass: "STANDARD_IA" }],
          },
          {
            id: "expire",
            status: "Enabled",
            filter: { prefix: "" },
            expiration: { days: 90 },
            noncurrentVersionExpiration: { noncurrentDays: 90 },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
    ]);
  });

  it("is logged for 90 days", () => {
    const groups = resources.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
    expect(new Set(groups.map(({ inputs }) => inputs["retentionInDays"]))).toEqual(new Set([90]));
  });
});

describe("the pipeline", () => {
  it("is rendered as the model says, with its references filled in", () => {
    const { stages, ...pipeline } = find(resources, "aws:codepipeline/pipeline:Pipeline", "delivery-pipeline");
    expect(pipeline).toEqual({
      name: "kiro-pipeline-prod",
      pipelineType: "V2",
      executionMode: "SUPERSEDED",
      roleArn: "arn:aws:iam::111111111111:role/kiro-pipeline-prod-pipeline",
      artifactStores: [
        {
          type: "S3",
          location: "kiro-pipeline-prod-artifacts-111111111111",
          encryptionKey: { type: "KMS", id: "arn:aws:kms:eu-west-1:111111111111:key/foundation-encryption-key" },
        },
      ],
      triggers: [
        {
          providerType: "CodeStarSourceConnection",
          gitConfiguration: { sourceActionName: "Source", pushes: [{ branches: { includes: ["main"] } }] },
        },
      ],
    });
    const rendered = stages as { name: string; actions: Record<string, unknown>[] }[];
    expect(rendered.map(({ name }) => name)).toEqual(["Source", "Build", "TestEnv", "StagingEnv", "ProductionEnv"]);
    expect(rendered[0]?.actions).toEqual([
      {
        name: "Source",
        category: "Source",
        owner: "AWS",
        provider: "CodeStarSourceConnection",
        version: "1",
        runOrder: 1,
        namespace: "Source",
        outputArtifacts: ["SourceOutput"],
        configuration: {
          ConnectionArn:
            "arn:aws:codeconnections:eu-west-1:111111111111:connection/11111111-2222-3333-4444-555555555555",
          FullRepositoryId: "my-team/worker",
          BranchName: "main",
          DetectChanges: "false",
          OutputArtifactFormat: "CODEBUILD_CLONE_REF",
        },
      },
    ]);
    expect(rendered[4]?.actions[1]).toEqual({
      name: "Approve_Production_Deployment",
      category: "Approval",
      owner: "AWS",
      provider: "Manual",
      version: "1",
      runOrder: 2,
      timeoutInMinutes: 1440,
      configuration: {
        NotificationArn: "arn:aws:sns:eu-west-1:111111111111:kiro-pipeline-prod-approvals",
        ExternalEntityLink: "https://github.com/my-team/worker/commit/#{Source.CommitId}",
        CustomData: "Release #{Build.RELEASE_VERSION}: #{ProductionPlan.PLAN_SUMMARY}",
      },
    });
  });
});

describe("the builds", () => {
  const common = {
    INSTALLATION: "prod",
    ACCOUNT_ID: "111111111111",
    WORKER_PREFIX: "kiro-worker",
    PIPELINE_NAME: "kiro-pipeline-prod",
  };
  const driver = {
    RELEASES_BUCKET: "kiro-pipeline-prod-releases-111111111111",
    TOOLS_DIGEST: toolsDigest,
    TOOLCHAIN_DIGEST: "PARAMETER_STORE:/kiro-pipeline/prod/toolchain-digest",
  };
  const deploys = (environment: string, bake: string) => ({
    ...common,
    ...driver,
    ENVIRONMENT: environment,
    TABLE_NAME: "kiro-pipeline-prod-deployments",
    WORKER_ARTIFACTS_BUCKET: `kiro-worker-${environment}-artifacts-111111111111`,
    BACKEND_URL: `s3://kiro-pipeline-prod-state-111111111111/${environment}?region=eu-west-1&awssdk=v2`,
    SECRETS_PROVIDER: `awskms://alias/kiro-pipeline-prod-${environment}-state?region=eu-west-1&awssdk=v2`,
    KMS_KEY_ARN: "arn:aws:kms:eu-west-1:111111111111:key/foundation-encryption-key",
    BOUNDARY_ARN: `arn:aws:iam::111111111111:policy/kiro-worker-${environment}-boundary`,
    ALARM_PREFIX: `kiro-worker-${environment}-`,
    WORKER_PROJECT: `kiro-worker-${environment}`,
    HEALTH_CHECK_SECONDS: bake,
    HEALTH_CHECK_INTERVAL_SECONDS: "30",
    CANARY_INTERVAL_SECONDS: "60",
    LOCK_WAIT_SECONDS: "1200",
  });

  it.each([
    [
      "build",
      "build",
      60,
      {
        ...common,
        ...driver,
        ENVIRONMENT: "none",
        COVERAGE_THRESHOLD: "80",
        INFRASTRUCTURE_PATTERNS: '["infrastructure/**"]',
      },
    ],
    [
      "integration-test",
      "integration-test",
      60,
      { ...common, ENVIRONMENT: "test", WORKER_PROJECT: "kiro-worker-test" },
    ],
    ["e2e-test", "e2e-test", 30, { ...common, ENVIRONMENT: "staging", WORKER_PROJECT: "kiro-worker-staging" }],
    ["deploy-test", "deploy", 60, deploys("test", "300")],
    ["deploy-staging", "deploy", 60, deploys("staging", "300")],
    ["deploy-production", "deploy", 60, deploys("production", "600")],
  ])(
    "%s run buildspecs/%s.yml for at most %d minutes, knowing what they need",
    (role, buildspec, minutes, variables) => {
      const name = `kiro-pipeline-prod-${role}`;
      const project = find(resources, "aws:codebuild/project:Project", `projects-${role}-project`);
      const { environment, description, ...inputs } = project;
      expect(description).toContain("(kiro-pipeline-prod)");
      expect(inputs).toEqual({
        name,
        serviceRole: `arn:aws:iam::111111111111:role/${name}`,
        buildTimeout: minutes,
        queuedTimeout: 480,
        encryptionKey: "arn:aws:kms:eu-west-1:111111111111:key/foundation-encryption-key",
        source: { type: "CODEPIPELINE", buildspec: readFileSync(join(root, "buildspecs", `${buildspec}.yml`), "utf8") },
        artifacts: { type: "CODEPIPELINE" },
        cache: { type: "LOCAL", modes: ["LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"] },
        logsConfig: { cloudwatchLogs: { status: "ENABLED", groupName: `/aws/codebuild/${name}` } },
      });
      const { environmentVariables, ...machine } = environment as {
        environmentVariables: { name: string; value: string; type: string }[];
      };
      expect(machine).toEqual({
        type: "LINUX_CONTAINER",
        computeType: "BUILD_GENERAL1_SMALL",
        image: "aws/codebuild/standard:7.0",
      });
      const given = environmentVariables.map(({ name: key, value, type }) => [
        key,
        type === "PLAINTEXT" ? value : `${type}:${value}`,
      ]);
      expect(Object.fromEntries(given)).toEqual(variables);
    },
  );
});
