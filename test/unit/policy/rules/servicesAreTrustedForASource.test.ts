import { describe, expect, it } from "@jest/globals";
import { servicesAreTrustedForASource as rule } from "../../../../policy/rules/servicesAreTrustedForASource";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";
import { allowing, bucketPolicy, key, rights, trust } from "../support/statements";

const wanted = (where: string): string =>
  `own: add to ${where}, statement 1 a condition on aws:SourceAccount or aws:SourceArn that names for whom the service acts`;
const account = "111122223333";
const project = `arn:aws:codebuild:eu-west-1:${account}:project/worker`;

function told(Condition: unknown, service: unknown = "codebuild.amazonaws.com"): string[] {
  return judged(rule, [trust(allowing({ Principal: { Service: service }, Action: "sts:AssumeRole", Condition }))]);
}

describe("services are trusted for a source", () => {
  it.each([
    { StringEquals: { "aws:SourceAccount": account } },
    { StringEqualsIfExists: { "AWS:sourceaccount": [account] } },
    { ArnLike: { "aws:SourceArn": project } },
    { ArnEquals: { "aws:SourceArn": "arn:aws:s3:::reports" } },
    { StringLike: { "aws:SourceArn": `arn:aws:codebuild:*:${account}:*` } },
    { "ForAllValues:StringEquals": { "aws:SourceOrgID": "o-1" } },
    { "ForAnyValue:StringLike": { "aws:SourceOrgPaths": "o-1/*" } },
    { Bool: { "aws:SecureTransport": "true" }, StringEquals: { "aws:SourceAccount": account } },
  ])("takes %j", (condition) => {
    expect(told(condition)).toEqual([]);
  });

  it.each([
    undefined,
    {},
    { StringEquals: {} },
    { StringEquals: { "aws:SourceAccount": [] } },
    { StringEquals: { "aws:SourceAccount": "" } },
    { StringLike: { "aws:SourceAccount": "*" } },
    { StringLike: { "aws:SourceAccount": [account, "*"] } },
    { ArnLike: { "aws:SourceArn": "arn:aws:codebuild:*:*:project/worker" } },
    { ArnLike: { "aws:SourceArn": "arn:*" } },
    { StringNotEquals: { "aws:SourceAccount": account } },
    { Null: { "aws:SourceAccount": "false" } },
    { StringEquals: { "sts:ExternalId": "1" } },
    { StringEquals: "aws:SourceAccount" },
    "aws:SourceAccount",
  ])("refuses %j", (condition) => {
    expect(told(condition)).toEqual([wanted("assumeRolePolicy")]);
  });

  it("takes an unknown source for a name, and an unknown condition for none", () => {
    const document = (Condition: unknown) => ({
      Statement: {
        Effect: "Allow",
        Principal: { Service: "codebuild.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition,
      },
    });
    expect(judged(rule, [trust(document({ ArnLike: { "aws:SourceArn": UNKNOWN } }))])).toEqual([]);
    expect(judged(rule, [trust(document(UNKNOWN))])).toEqual([wanted("assumeRolePolicy")]);
    expect(judged(rule, [trust(document({ ArnLike: UNKNOWN }))])).toEqual([wanted("assumeRolePolicy")]);
  });

  it("asks nothing for a service that does not say for whom it takes a role, unless another is let in beside it", () => {
    expect(told(undefined, "lambda.amazonaws.com")).toEqual([]);
    expect(told(undefined, ["ec2.amazonaws.com", "edgelambda.amazonaws.com"])).toEqual([]);
    expect(told(undefined, ["lambda.amazonaws.com", "states.amazonaws.com"])).toEqual([wanted("assumeRolePolicy")]);
  });

  it("asks it of every service that reaches a resource", () => {
    const policy = (Condition?: object) =>
      bucketPolicy(
        allowing({
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::reports/*",
          Condition,
        }),
      );
    expect(judged(rule, [policy()])).toEqual([wanted("policy")]);
    expect(judged(rule, [policy({ StringEquals: { "aws:SourceAccount": account } })])).toEqual([]);
    expect(judged(rule, [policy({ StringEquals: { "kms:EncryptionContext:aws:sqs:arn": project } })])).toEqual([
      wanted("policy"),
    ]);
  });

  it("takes what is encrypted for a source in the policy of a key, where EventBridge offers no other", () => {
    const policy = (Condition?: object) =>
      key(
        allowing({ Principal: { Service: "events.amazonaws.com" }, Action: "kms:Decrypt", Resource: "*", Condition }),
      );
    const context = { "kms:EncryptionContext:aws:sqs:arn": [`arn:aws:sqs:eu-west-1:${account}:dead`] };
    expect(judged(rule, [policy({ ArnEquals: context })])).toEqual([]);
    expect(judged(rule, [policy({ ArnEqualsIfExists: context })])).toEqual([
      `${wanted("policy")}, or one on kms:EncryptionContext that names what it encrypts`,
    ]);
    expect(judged(rule, [policy()])).toHaveLength(1);
  });

  it("does not apply to accounts, to Deny, to identity policies, or to what is not read", () => {
    const root = { AWS: `arn:aws:iam::${account}:root` };
    const service = { Service: "codebuild.amazonaws.com" };
    expect(judged(rule, [trust(allowing({ Principal: root, Action: "sts:AssumeRole" }))])).toEqual([]);
    expect(judged(rule, [trust(allowing({ Effect: "Deny", Principal: service, Action: "sts:AssumeRole" }))])).toEqual(
      [],
    );
    expect(
      judged(rule, [rights(allowing({ Action: "s3:GetObject", Resource: "*" })), { ...trust(UNKNOWN), name: "r" }]),
    ).toEqual([]);
  });

  it("is shown by its examples", () => {
    expect(judged(rule, rule.examples.passing)).toEqual([]);
    expect(judged(rule, rule.examples.failing)).toEqual([wanted("assumeRolePolicy").replace("own", "builds")]);
  });
});
