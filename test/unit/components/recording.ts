import * as pulumi from "@pulumi/pulumi";
import type { Place } from "../../../components/naming";

export const place: Place = { installation: "prod", accountId: "111111111111", region: "eu-west-1" };

export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Records every resource that is registered from now on, and answers as AWS would: with ARNs of this place. */
export async function recordResources(stack = "prod"): Promise<Recorded[]> {
  const seen: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const given = inputs as Record<string, unknown>;
        seen.push({ type, name, inputs: given });
        const physical = [given["name"], given["bucket"], name].find((value) => typeof value === "string") ?? name;
        const id = type === "aws:s3/bucket:Bucket" ? physical : `${name}-id`;
        return { id, state: { ...given, ...outputs(type, name, physical) } };
      },
      call: ({ token }) => {
        if (token === "aws:index/getCallerIdentity:getCallerIdentity") return { accountId: place.accountId };
        throw new Error(`unexpected provider call ${token}`);
      },
    },
    "kiro-pipeline",
    stack,
    false,
  );
  return seen;
}

function outputs(type: string, name: string, physical: string): Record<string, unknown> {
  const inPlace = (service: string, resource: string): string =>
    `arn:aws:${service}:${place.region}:${place.accountId}:${resource}`;
  const inAccount = (resource: string): string => `arn:aws:iam::${place.accountId}:${resource}`;
  switch (type) {
    case "aws:s3/bucket:Bucket":
      return { arn: `arn:aws:s3:::${physical}` };
    case "aws:kms/key:Key":
      return { keyId: `${name}-id`, arn: inPlace("kms", `key/${name}`) };
    case "aws:iam/role:Role":
      return { arn: inAccount(`role/${physical}`) };
    case "aws:iam/policy:Policy":
      return { arn: inAccount(`policy/${physical}`) };
    case "aws:sns/topic:Topic":
      return { arn: inPlace("sns", physical) };
    case "aws:sqs/queue:Queue":
      return {
        arn: inPlace("sqs", physical),
        url: `https://sqs.${place.region}.amazonaws.com/${place.accountId}/${physical}`,
      };
    case "aws:lambda/function:Function":
      return { arn: inPlace("lambda", `function:${physical}`) };
    case "aws:cloudwatch/eventRule:EventRule":
      return { arn: inPlace("events", `rule/${physical}`) };
    case "aws:dynamodb/table:Table":
      return { arn: inPlace("dynamodb", `table/${physical}`) };
    case "aws:codeconnections/connection:Connection":
      return { arn: inPlace("codeconnections", "connection/11111111-2222-3333-4444-555555555555") };
    case "awsx:ec2:Vpc":
      return { vpcId: "vpc-1", privateSubnetIds: ["subnet-1"] };
    case "aws:codepipeline/pipeline:Pipeline":
      return { arn: inPlace("codepipeline", physical) };
    default:
      return {};
  }
}

/** The value of an output; await one before looking at what was recorded, or the list may still be empty. */
export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value)));
}

/** Resolves when everything that was constructed is registered, awaited or not; nothing may be constructed after it. */
export async function registered(): Promise<void> {
  await pulumi.runtime.disconnect();
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** The statements of a policy's JSON text. */
export function statements(policy: unknown): readonly Statement[] {
  return (JSON.parse(String(policy)) as { Statement: Statement[] }).Statement;
}

export function find(resources: readonly Recorded[], type: string, name: string): Readonly<Record<string, unknown>> {
  const found = resources.find((resource) => resource.type === type && resource.name === name);
  if (found === undefined) throw new Error(`no ${type} "${name}" among ${resources.map((r) => r.name).join(", ")}`);
  return found.inputs;
}
