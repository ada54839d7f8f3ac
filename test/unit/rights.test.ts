import { beforeAll, describe, expect, it } from "@jest/globals";
import { find, statements, type Statement } from "./components/recording";
import { runProgram, type ProgramRun } from "./components/programRun";

const NAME = "kiro-pipeline-prod";
const ARTIFACTS = `arn:aws:s3:::${NAME}-artifacts-111111111111`;
const RELEASES = `arn:aws:s3:::${NAME}-releases-111111111111`;
const STATE = `arn:aws:s3:::${NAME}-state-111111111111`;
const MAIN_KEY = inPlace("kms", "key/foundation-encryption-key");
const CONNECTION = inPlace("codeconnections", "connection/11111111-2222-3333-4444-555555555555");

let resources: ProgramRun["resources"];
let components: ProgramRun["components"];
let dependencies: ProgramRun["dependencies"];
beforeAll(async () => {
  ({ resources, components, dependencies } = await runProgram());
});

describe("the pipeline's role", () => {
  it("moves artifacts, runs the six projects and asks for the approval", () => {
    expect(rightsOf("delivery-rights")).toEqual([
      allow(["codeconnections:UseConnection"], [CONNECTION]),
      allow(["s3:GetBucketLocation", "s3:GetBucketVersioning"], [ARTIFACTS]),
      allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], [`${ARTIFACTS}/*`]),
      encrypts("s3", "sns"),
      ...["build", "integration-test", "e2e-test", "deploy-test", "deploy-staging", "deploy-production"].map((role) =>
        allow(
          ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"],
          [project(`${NAME}-${role}`)],
        ),
      ),
      allow(["sns:Publish"], [inPlace("sns", `${NAME}-approvals`)]),
    ]);
  });
});

describe("the role of the build", () => {
  it("reads the repository and publishes releases; it reaches no environment", () => {
    expect(rightsOf("projects-build-rights")).toEqual([
      writesLog(`${NAME}-build`),
      ...readsArtifacts,
      allow(["s3:PutObject"], [`${ARTIFACTS}/*`]),
      encrypts("s3"),
      allow(["s3:GetObject"], [`${RELEASES}/tools/*`]),
      writesReports(`${NAME}-build`),
      readsToolchainDigest,
      allow(["codeconnections:UseConnection"], [CONNECTION]),
      lists(RELEASES, "layers/*", "releases/*"),
      allow(["s3:GetObject", "s3:PutObject"], [`${RELEASES}/layers/*`, `${RELEASES}/releases/*`]),
      allow(["s3:GetObject"], [`${RELEASES}/toolchain/*`]),
    ]);
  });
});

describe("the roles of the tests", () => {
  it.each([
    ["integration-test", "kiro-worker-test"],
    ["e2e-test", "kiro-worker-staging"],
  ])("%s starts jobs of %s and reads their log, and has no way to the table", (role, worker) => {
    expect(rightsOf(`projects-${role}-rights`)).toEqual([
      writesLog(`${NAME}-${role}`),
      ...readsArtifacts,
      decrypts,
      writesReports(`${NAME}-${role}`),
      allow(["codebuild:BatchGetBuilds", "codebuild:StartBuild"], [project(worker)]),
      allow(["logs:FilterLogEvents", "logs:GetLogEvents"], logGroup(worker)),
    ]);
  });
});

describe("the roles of the deployments", () => {
  it.each([
    ["test", "integration-test"],
    ["staging", "e2e-test"],
    ["production", undefined],
  ])("deploy-%s changes its own environment alone", (environment, tests) => {
    const worker = `kiro-worker-${environment}`;
    const pointerBucket = `arn:aws:s3:::${worker}-artifacts-111111111111`;
    const roles = [inAccount(`role/${worker}-*`)];
    expect(rightsOf(`projects-deploy-${environment}-rights`)).toEqual([
      writesLog(`${NAME}-deploy-${environment}`),
      ...readsArtifacts,
      decrypts,
      allow(["s3:GetObject"], [`${RELEASES}/tools/*`]),
      readsToolchainDigest,
      allow(
        ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        [inPlace("dynamodb", `table/${NAME}-deployments`)],
        { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [`${environment}#*`, `state#${environment}`] } },
      ),
      encrypts("dynamodb", "s3"),
      lists(RELEASES, "layers/*", "releases/*", "toolchain/*", "tools/*"),
      allow(["s3:GetObject"], [`${RELEASES}/layers/*`, `${RELEASES}/releases/*`, `${RELEASES}/toolchain/*`]),
      allow(["codepipeline:GetPipelineExecution"], [inPlace("codepipeline", NAME)]),
      allow(
        ["codebuild:BatchGetBuilds"],
        [project(`${NAME}-deploy-${environment}`), ...(tests === undefined ? [] : [project(`${NAME}-${tests}`)])],
      ),
      allow(["codebuild:ListBuildsForProject"], [project(`${NAME}-deploy-${environment}`)]),
      publishesMetrics,
      ...(tests === undefined
        ? []
        : [
            allow(
              ["codebuild:BatchGetReports", "codebuild:DescribeTestCases"],
              [inPlace("codebuild", `report-group/${NAME}-${tests}-*`)],
            ),
          ]),
      lists(pointerBucket, "current.json"),
      allow(["s3:GetObject", "s3:PutObject"], [`${pointerBucket}/current.json`]),
      lists(STATE, environment, `${environment}/*`),
      allow(["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [`${STATE}/${environment}/.pulumi/*`]),
      allow(
        ["kms:Decrypt", "kms:Encrypt"],
        [inPlace("kms", `key/worker-${environment}-state-key`), inPlace("kms", `alias/${NAME}-${environment}-state`)],
      ),
      allow(["codebuild:BatchGetBuilds", "codebuild:StartBuild"], [project(worker)]),
      allow(["iam:CreateRole", "iam:PutRolePermissionsBoundary"], roles, {
        StringEquals: { "iam:PermissionsBoundary": inAccount(`policy/${worker}-boundary`) },
      }),
      allow(
        [
          "iam:DeleteRole",
          "iam:DeleteRolePolicy",
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListInstanceProfilesForRole",
          "iam:ListRolePolicies",
          "iam:PutRolePolicy",
          "iam:TagRole",
          "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy",
          "iam:UpdateRole",
        ],
        roles,
      ),
      allow(["iam:PassRole"], roles, { StringEquals: { "iam:PassedToService": "codebuild.amazonaws.com" } }),
      allow(
        ["codebuild:BatchGetProjects", "codebuild:CreateProject", "codebuild:DeleteProject", "codebuild:UpdateProject"],
        [project(worker), project(`${worker}-*`)],
      ),
      allow(
        [
          "logs:AssociateKmsKey",
          "logs:CreateLogGroup",
          "logs:DeleteLogGroup",
          "logs:DeleteRetentionPolicy",
          "logs:DisassociateKmsKey",
          "logs:ListTagsForResource",
          "logs:PutRetentionPolicy",
          "logs:TagResource",
          "logs:UntagResource",
        ],
        [...logGroup(worker), inPlace("logs", `log-group:/aws/codebuild/${worker}-*`)],
      ),
      allow(["logs:DescribeLogGroups"], ["*"]),
      allow(
        [
          "cloudwatch:DeleteAlarms",
          "cloudwatch:ListTagsForResource",
          "cloudwatch:PutMetricAlarm",
          "cloudwatch:TagResource",
          "cloudwatch:UntagResource",
        ],
        [inPlace("cloudwatch", `alarm:${worker}-*`)],
      ),
      allow(["cloudwatch:DescribeAlarms"], ["*"]),
    ]);
  });
});

describe("the role of the rollback", () => {
  const environments = ["test", "staging", "production"];

  it("takes releases back in every environment, and can do nothing else", () => {
    expect(rightsOf("rollback-rights")).toEqual([
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], ownLog(`/aws/lambda/${NAME}-rollback`)),
      allow(["kms:Decrypt"], [MAIN_KEY], {
        StringEquals: {
          "kms:EncryptionContext:aws:lambda:FunctionArn": inPlace("lambda", `function:${NAME}-rollback`),
        },
      }),
      encrypts("dynamodb", "s3", "sns", "sqs"),
      allow(["sqs:SendMessage"], [inPlace("sqs", `${NAME}-rollback-dlq`)]),
      allow(
        ["dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        [inPlace("dynamodb", `table/${NAME}-deployments`)],
      ),
      allow(["dynamodb:Query"], [inPlace("dynamodb", `table/${NAME}-deployments/index/EnvironmentStartTimeIndex`)]),
      lists(RELEASES, "releases/*"),
      allow(["s3:GetObject"], [`${RELEASES}/releases/*/release.json`]),
      ...environments.flatMap((environment) => {
        const pointerBucket = `arn:aws:s3:::kiro-worker-${environment}-artifacts-111111111111`;
        return [
          lists(pointerBucket, "current.json"),
          allow(["s3:GetObject", "s3:PutObject"], [`${pointerBucket}/current.json`]),
        ];
      }),
      allow(
        ["codepipeline:GetPipelineExecution", "codepipeline:StopPipelineExecution"],
        [inPlace("codepipeline", NAME)],
      ),
      ...environments.map((environment) =>
        allow(
          ["codebuild:BatchGetBuilds", "codebuild:StartBuild", "codebuild:StopBuild"],
          [project(`${NAME}-deploy-${environment}`)],
        ),
      ),
      // With a buildspec of its own a build would run anything with the deploy role.
      {
        Effect: "Deny",
        Action: ["codebuild:StartBuild"],
        Resource: environments.map((environment) => project(`${NAME}-deploy-${environment}`)),
        Condition: { Null: { "codebuild:source.buildspec": "false" } },
      },
      ...environments.map((environment) =>
        allow(["codebuild:BatchGetBuilds", "codebuild:StartBuild"], [project(`kiro-worker-${environment}`)]),
      ),
      allow(["cloudwatch:DescribeAlarms"], ["*"]),
      publishesMetrics,
      allow(["sns:Publish"], [inPlace("sns", `${NAME}-deployments`), inPlace("sns", `${NAME}-rollbacks`)]),
      allow(["ssm:CreateOpsItem"], ["*"]),
    ]);
  });
});

describe("the boundary of the worker's roles", () => {
  it.each(["test", "staging", "production"])("in %s is what a job needs", (environment) => {
    const worker = `kiro-worker-${environment}`;
    const { name, policy } = find(resources, "aws:iam/policy:Policy", `worker-${environment}-boundary`);
    expect(name).toBe(`${worker}-boundary`);
    expect(statements(policy)).toEqual([
      allow(["logs:CreateLogStream", "logs:PutLogEvents"], logGroup(worker)),
      allow(["s3:GetObject"], [`arn:aws:s3:::${worker}-artifacts-111111111111/current.json`]),
      allow(["s3:GetObject"], [`${RELEASES}/releases/*`]),
      decrypts,
      allow(["cloudwatch:PutMetricData"], ["*"], {
        "ForAllValues:StringEquals": { "cloudwatch:namespace": [`KiroWorker/${worker}`] },
      }),
    ]);
  });
});

describe("every policy", () => {
  const NO_RESOURCES = [
    "cloudwatch:DescribeAlarms",
    "cloudwatch:PutMetricData",
    "logs:DescribeLogGroups",
    "ssm:CreateOpsItem",
  ];
  const policies = (): readonly (readonly [string, readonly Statement[]])[] =>
    resources.flatMap(({ type, name, inputs }) =>
      ["RolePolicy", "Policy", "BucketPolicy", "TopicPolicy", "QueuePolicy", "Key"].includes(
        type.split(":").at(-1) ?? "",
      )
        ? [[name, statements(inputs["policy"])] as const]
        : [],
    );

  it("allows no wildcard action, and all resources only for actions that have none", () => {
    expect(policies()).toHaveLength(8 + 3 + 6 + 3 + 1 + 4);
    for (const [name, given] of policies()) {
      // There it means the key itself.
      const isKeyPolicy = name.endsWith("-key");
      for (const { Action, Resource } of given.filter(({ Effect }) => Effect === "Allow")) {
        expect([Action].flat().join()).not.toContain("*");
        if (!isKeyPolicy && [Resource].flat().includes("*"))
          expect(NO_RESOURCES).toEqual(expect.arrayContaining([Action].flat()));
      }
    }
  });

  it("is known before the update but for ARNs that no name gives, and then its component declares it", () => {
    const declared = components.flatMap((outputs) => Object.entries(outputs["policyDocuments"] ?? {}));
    const nameless = /arn:aws:(kms|codeconnections):[^"]*:(key|connection)\//;
    const expected = resources.flatMap(({ name, inputs }) =>
      [inputs["policy"]].filter((policy) => nameless.test(String(policy))).map((policy) => [name, policy] as const),
    );
    expect(expected).toHaveLength(8 + 3);
    expect(declared).toHaveLength(expected.length);
    expect(Object.fromEntries(declared)).toEqual(
      Object.fromEntries(expected.map(([name, policy]) => [name, JSON.parse(String(policy))])),
    );
  });

  it("does not make anything wait for what it names: what uses it does", () => {
    const environment = (name: string) => [`${name}-artifacts-bucket`, `${name}-boundary`, `${name}-state-key`];
    const named = [
      "foundation-deployments-table",
      "foundation-releases-bucket",
      ...["worker-test", "worker-staging", "worker-production"].flatMap(environment),
    ];
    const waitedFor = (name: string) => (dependencies[name] ?? []).filter((one) => named.includes(one)).sort();
    // A project is a child of its component, which is there only when all this is.
    expect(waitedFor("projects-deploy-test")).toEqual(named.sort());
    expect(dependencies["projects-deploy-test"]).toContain("foundation-state-bucket");
    expect(waitedFor("rollback-function")).toEqual(named.sort());
    expect(dependencies["rollback-function"]).toContain("notifications-rollbacks");
  });

  it("allows nothing to everybody", () => {
    for (const [, given] of policies()) {
      for (const { Effect, Principal } of given) if (Principal === "*") expect(Effect).toBe("Deny");
    }
  });

  it("is as short as IAM wants it: 10240 characters inline, 6144 managed", () => {
    for (const { type, inputs } of resources) {
      if (type === "aws:iam/rolePolicy:RolePolicy") expect(String(inputs["policy"]).length).toBeLessThan(10240);
      if (type === "aws:iam/policy:Policy") expect(String(inputs["policy"]).length).toBeLessThan(6144);
    }
  });

  it("lets a service take a role for its own resource of this account only", () => {
    const roles = resources.filter(({ type }) => type === "aws:iam/role:Role");
    const trust = roles.map(({ inputs }) => [inputs["name"], statements(inputs["assumeRolePolicy"])]);
    const trusted = (service: string, resource: string) => [
      {
        Effect: "Allow",
        Principal: { Service: `${service}.amazonaws.com` },
        Action: "sts:AssumeRole",
        Condition: {
          StringEqualsIfExists: { "aws:SourceAccount": "111111111111" },
          ArnLikeIfExists: { "aws:SourceArn": inPlace(service, resource) },
        },
      },
    ];
    expect(Object.fromEntries(trust)).toEqual({
      ...Object.fromEntries(
        ["build", "integration-test", "e2e-test", "deploy-test", "deploy-staging", "deploy-production"].map((role) => [
          `${NAME}-${role}`,
          trusted("codebuild", `project/${NAME}-${role}`),
        ]),
      ),
      [`${NAME}-pipeline`]: trusted("codepipeline", NAME),
      [`${NAME}-rollback`]: trusted("lambda", `function:${NAME}-rollback`),
    });
  });
});

// Helpers

const decrypts = allow(["kms:Decrypt"], [MAIN_KEY], via("s3"));
const readsArtifacts = [
  allow(["s3:GetBucketAcl", "s3:GetBucketLocation"], [ARTIFACTS]),
  allow(["s3:GetObject", "s3:GetObjectVersion"], [`${ARTIFACTS}/*`]),
];
const publishesMetrics = allow(["cloudwatch:PutMetricData"], ["*"], {
  StringEqualsIfExists: { "cloudwatch:namespace": "KiroPipeline" },
});
const readsToolchainDigest = allow(
  ["ssm:GetParameters"],
  [inPlace("ssm", "parameter/kiro-pipeline/prod/toolchain-digest")],
);

function rightsOf(rolePolicy: string): readonly Statement[] {
  return statements(find(resources, "aws:iam/rolePolicy:RolePolicy", rolePolicy)["policy"]);
}

function allow(actions: readonly string[], on: readonly string[], condition?: unknown): Statement {
  return {
    Effect: "Allow",
    Action: actions,
    Resource: on,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

function via(...services: readonly string[]): unknown {
  return { StringEquals: { "kms:ViaService": services.map((service) => `${service}.eu-west-1.amazonaws.com`) } };
}

function encrypts(...services: readonly string[]): Statement {
  return allow(["kms:Decrypt", "kms:GenerateDataKey"], [MAIN_KEY], via(...services));
}

function lists(bucket: string, ...prefixes: readonly string[]): Statement {
  return allow(["s3:ListBucket"], [bucket], { "ForAllValues:StringLike": { "s3:prefix": prefixes } });
}

function writesLog(projectName: string): Statement {
  return allow(["logs:CreateLogStream", "logs:PutLogEvents"], logGroup(projectName));
}

function writesReports(projectName: string): Statement {
  return allow(
    [
      "codebuild:BatchPutCodeCoverages",
      "codebuild:BatchPutTestCases",
      "codebuild:CreateReport",
      "codebuild:CreateReportGroup",
      "codebuild:UpdateReport",
    ],
    [inPlace("codebuild", `report-group/${projectName}-*`)],
  );
}

function project(name: string): string {
  return inPlace("codebuild", `project/${name}`);
}

function logGroup(projectName: string): readonly string[] {
  return ownLog(`/aws/codebuild/${projectName}`);
}

function ownLog(name: string): readonly string[] {
  const group = inPlace("logs", `log-group:${name}`);
  return [group, `${group}:*`];
}

function inPlace(service: string, resource: string): string {
  return `arn:aws:${service}:eu-west-1:111111111111:${resource}`;
}

function inAccount(resource: string): string {
  return `arn:aws:iam::111111111111:${resource}`;
}
