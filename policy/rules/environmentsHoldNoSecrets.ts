import { type Declared, type Program } from "../program";
import { type Rule } from "../rule";
import { at, isText, judgeEach, listOf } from "../settings";
import { isReference, isReferenceName, isSecretName, isSecretValue } from "../secrets";
import { UNKNOWN } from "../values";

const FUNCTION = "aws:lambda/function:Function";
const PROJECT = "aws:codebuild/project:Project";

/** Resources of AWS that tell secrets; what others tell is names, ARNs and addresses. */
const SECRET_SOURCES = [
  "aws:iam/accessKey:AccessKey",
  "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
  "aws:iam/userLoginProfile:UserLoginProfile",
  "aws:secretsmanager/secretVersion:SecretVersion",
  "aws:ssm/parameter:Parameter",
];
const IN_FUNCTION = "keep it in Secrets Manager, and hand over its ARN";
const IN_PROJECT = "keep it in Secrets Manager, and set the variable's type to SECRETS_MANAGER";

interface Variable {
  readonly name: string;
  readonly value: unknown;
}

const project = (...environmentVariables: readonly object[]) => ({
  type: PROJECT,
  name: "jobs",
  props: {
    name: "kiro-jobs",
    serviceRole: "arn:aws:iam::000000000000:role/kiro-jobs",
    source: { type: "NO_SOURCE", buildspec: "version: 0.2" },
    artifacts: { type: "NO_ARTIFACTS" },
    environment: {
      type: "LINUX_CONTAINER",
      computeType: "BUILD_GENERAL1_SMALL",
      image: "aws/codebuild/standard:7.0",
      environmentVariables,
    },
  },
});

export const environmentsHoldNoSecrets: Rule = {
  name: "environments-hold-no-secrets",
  sentence: "No variable of a Lambda function or a CodeBuild project holds a secret in plain text.",
  harm: "Whoever may look at the function, the project, a log or the state has the secret.",
  judge: (program) => [
    ...judgeEach(program.ofType(FUNCTION), (one) =>
      faults(program, one, "environment.variables", ofFunction(one), IN_FUNCTION),
    ),
    ...judgeEach(program.ofType(PROJECT), (one) =>
      faults(program, one, "environment.environmentVariables", ofProject(one), IN_PROJECT),
    ),
  ],
  examples: {
    passing: [project({ name: "GITHUB_TOKEN", type: "SECRETS_MANAGER", value: "kiro/github-token" })],
    failing: [project({ name: "GITHUB_TOKEN", value: "written here" })],
  },
};

/** The variables; undefined when they cannot be seen. */
function ofFunction({ props }: Declared): readonly Variable[] | undefined {
  const variables = at(props, "environment.variables");
  if (variables === UNKNOWN) return undefined;
  return Object.entries((variables ?? {}) as Readonly<Record<string, unknown>>).map(([name, value]) => ({
    name,
    value,
  }));
}

/** Those in plain text, which is what CodeBuild takes where no type is said. */
function ofProject({ props }: Declared): readonly Variable[] | undefined {
  const variables = at(props, "environment.environmentVariables");
  if (variables === UNKNOWN) return undefined;
  return (listOf(variables) ?? [])
    .map((variable, index) => {
      const name = at(variable, "name");
      return {
        name: isText(name) ? name : `variable ${index + 1}`,
        type: at(variable, "type"),
        value: at(variable, "value"),
      };
    })
    .filter(({ type }) => type !== "SECRETS_MANAGER" && type !== "PARAMETER_STORE");
}

function faults(
  program: Program,
  resource: Declared,
  path: string,
  variables: readonly Variable[] | undefined,
  instead: string,
): string[] {
  if (variables === undefined)
    return [`${path} is not known before the update; write the names of the variables in the program`];
  return variables.flatMap(({ name, value }) => {
    if (value === "" || (isText(value) && isReference(value))) return [];
    if (isSecretName(name)) return [`${name} in ${path} is called like a secret; ${instead}`];
    if (isText(value)) return isSecretValue(value) ? [`${name} in ${path} looks like a secret; ${instead}`] : [];
    return isReferenceName(name) || !mightBeSecret(program, resource)
      ? []
      : [`${name} in ${path} is not known before the update, and may be a secret; if it is one, ${instead}`];
  });
}

/** Whether what is unknown in an environment may come from anything but resources that tell no secrets. */
function mightBeSecret(program: Program, { dependencies }: Declared): boolean {
  const types = (dependencies["environment"] ?? []).map((urn) => program.get(urn)?.type ?? "");
  return types.length === 0 || types.some((type) => !type.startsWith("aws:") || SECRET_SOURCES.includes(type));
}
