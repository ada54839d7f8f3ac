import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { environmentsHoldNoSecrets } from "../../../../policy/rules/environmentsHoldNoSecrets";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const lambda = (variables: unknown, ...uses: readonly string[]): Example => ({
  type: "aws:lambda/function:Function",
  name: "cleanup",
  props: { environment: { variables } },
  uses: { environment: uses },
});
const project = (environmentVariables: unknown, ...uses: readonly string[]): Example => ({
  type: "aws:codebuild/project:Project",
  name: "jobs",
  props: { environment: { type: "LINUX_CONTAINER", environmentVariables } },
  uses: { environment: uses },
});
const judge = (...examples: readonly Example[]) => judged(environmentsHoldNoSecrets, examples);

const IN_FUNCTION = "keep it in Secrets Manager, and hand over its ARN";
const IN_PROJECT = "keep it in Secrets Manager, and set the variable's type to SECRETS_MANAGER";

describe("environments-hold-no-secrets, by names", () => {
  test.each([
    "DB_PASSWORD",
    "dbPassword",
    "PGPASSWORD",
    "SECRET",
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "githubToken",
    "API_KEY",
    "apikey",
    "signing-key",
    "PRIVATE_KEY",
    "CREDENTIALS",
    "MYSQL_PWD",
    "BASIC_AUTH",
  ])("refuses %s", (name) => {
    expect(judge(lambda({ [name]: "changeme" }))).toEqual([
      `cleanup: ${name} in environment.variables is called like a secret; ${IN_FUNCTION}`,
    ]);
    expect(judge(project([{ name, value: "changeme" }]))).toEqual([
      `jobs: ${name} in environment.environmentVariables is called like a secret; ${IN_PROJECT}`,
    ]);
  });

  test.each([
    "SECRETS_PROVIDER",
    "KMS_KEY_ARN",
    "GITHUB_TOKEN_ARN",
    "secretName",
    "ACCESS_KEY_ID",
    "TOKEN_URL",
    "TOKEN_TTL_SECONDS",
    "TOKENIZER",
    "MAX_TOKENS",
    "KEY_PREFIX",
    "AUTH_MODE",
    "ENVIRONMENT",
  ])("accepts %s", (name) => {
    expect(judge(lambda({ [name]: "changeme" }), project([{ name, value: "changeme" }]))).toEqual([]);
  });

  test.each([
    ["an ARN", "arn:aws:secretsmanager:us-east-1:000000000000:secret:github-token"],
    ["a key's address", "awskms://alias/kiro-state?region=us-east-1"],
    ["nothing", ""],
  ])("accepts a name like a secret's with %s for a value", (_, value) => {
    expect(judge(lambda({ GITHUB_TOKEN: value }))).toEqual([]);
  });

  test("refuses a name like a secret's although its value is not known before the update", () => {
    const key: Example = { type: "aws:kms/key:Key", name: "key", props: {} };
    expect(judge(key, lambda({ DB_PASSWORD: UNKNOWN }, "key"))).toHaveLength(1);
  });
});

describe("environments-hold-no-secrets, by values", () => {
  // Put together here, so that no scanner takes the test for a leak.
  const values = {
    "an access key": `AKIA${"A".repeat(16)}`,
    "a temporary access key": `key=ASIA${"B2".repeat(8)};`,
    "a private key": `-----BEGIN ${"RSA PRIVATE"} KEY-----\nabc`,
    "a token of GitHub": `ghp_${"a".repeat(36)}`,
    "a fine-grained token of GitHub": `github_pat_${"a".repeat(30)}`,
    "a token of GitLab": `glpat-${"a".repeat(20)}`,
    "a token of Slack": `xoxb-${"1".repeat(12)}`,
    "a key of Stripe": `sk_live_${"a".repeat(12)}`,
    "a token of npm": `npm_${"a".repeat(36)}`,
    "a JSON web token": `eyJ${"a".repeat(10)}.eyJ${"b".repeat(10)}.${"c".repeat(10)}`,
    "a URL with a password": `postgres://kiro:${"changeme"}@db.example.com/jobs`,
  };

  test.each(Object.entries(values))("refuses %s, and does not show it", (_, value) => {
    expect(judge(lambda({ SETTING: value }))).toEqual([
      `cleanup: SETTING in environment.variables looks like a secret; ${IN_FUNCTION}`,
    ]);
    expect(judge(project([{ name: "SETTING", value }]))).toEqual([
      `jobs: SETTING in environment.environmentVariables looks like a secret; ${IN_PROJECT}`,
    ]);
  });

  test("refuses one under a name that promises a reference", () => {
    expect(judge(lambda({ ACCESS_KEY_ID: values["an access key"] }))).toHaveLength(1);
  });

  test.each([
    ["a URL", "https://example.com:8080/a@b"],
    ["a URL with a user", "ssh://git@example.com/repository"],
    ["a state's address", "s3://kiro-state/staging?region=us-east-1&awssdk=v2"],
    ["a digest", "71e53fd6d869ad05805432460dd5177fd90decf163aca70d21f8d9ab944c6a54"],
    ["a certificate", "-----BEGIN CERTIFICATE-----"],
    ["JSON", '{"test":{"artifactsBucket":"kiro-worker-test","budget":8}}'],
  ])("accepts %s", (_, value) => {
    expect(judge(lambda({ SETTING: value }))).toEqual([]);
  });
});

describe("environments-hold-no-secrets, where something is not known before the update", () => {
  const made = (type: string): Example => ({ type, name: "made", props: {} });

  test.each(["aws:sns/topic:Topic", "aws:s3/bucket:Bucket"])("accepts what comes from an %s alone", (type) => {
    expect(judge(made(type), lambda({ TARGET: UNKNOWN }, "made"))).toEqual([]);
    expect(judge(made(type), project([{ name: "TARGET", value: UNKNOWN }], "made"))).toEqual([]);
  });

  test.each([
    "aws:secretsmanager/secretVersion:SecretVersion",
    "aws:ssm/parameter:Parameter",
    "aws:iam/accessKey:AccessKey",
    "random:index/randomPassword:RandomPassword",
    "pulumi:pulumi:StackReference",
  ])("refuses what may come from an %s, unless its name promises a reference", (type) => {
    expect(judge(made(type), lambda({ TARGET: UNKNOWN, TARGET_ARN: UNKNOWN }, "made"))).toEqual([
      `cleanup: TARGET in environment.variables is not known before the update, and may be a secret; if it is one, ${IN_FUNCTION}`,
    ]);
  });

  test("refuses what comes from nowhere", () => {
    expect(judge(project([{ name: "TARGET", value: UNKNOWN }]))).toEqual([
      `jobs: TARGET in environment.environmentVariables is not known before the update, and may be a secret; if it is one, ${IN_PROJECT}`,
    ]);
  });

  test("refuses variables of which not even the names are known", () => {
    expect(judge(lambda(UNKNOWN), project(UNKNOWN))).toEqual([
      "cleanup: environment.variables is not known before the update; write the names of the variables in the program",
      "jobs: environment.environmentVariables is not known before the update; write the names of the variables in the program",
    ]);
  });

  test("names a variable by its place where its name is not known", () => {
    const variables = [
      { name: "A", value: "b" },
      { name: UNKNOWN, value: `AKIA${"A".repeat(16)}` },
    ];
    expect(judge(project(variables))).toEqual([
      `jobs: variable 2 in environment.environmentVariables looks like a secret; ${IN_PROJECT}`,
    ]);
  });
});

describe("environments-hold-no-secrets, elsewhere", () => {
  test.each(["SECRETS_MANAGER", "PARAMETER_STORE"])("accepts a variable that CodeBuild fetches from %s", (type) => {
    expect(judge(project([{ name: "GITHUB_TOKEN", type, value: "kiro/github-token" }]))).toEqual([]);
  });

  test.each([undefined, "PLAINTEXT", UNKNOWN])("refuses a variable of a type that is %p", (type) => {
    expect(judge(project([{ name: "GITHUB_TOKEN", type, value: "changeme" }]))).toHaveLength(1);
  });

  test("has nothing to say about a function or project without variables, or about a secret itself", () => {
    expect(
      judge({ ...lambda(undefined), props: {} }, project(undefined), {
        type: "aws:secretsmanager/secretVersion:SecretVersion",
        name: "secret",
        props: { secretString: "changeme" },
      }),
    ).toEqual([]);
  });
});
