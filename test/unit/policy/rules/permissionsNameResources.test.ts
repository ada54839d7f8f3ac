import { describe, expect, it } from "@jest/globals";
import { permissionsNameResources as rule } from "../../../../policy/rules/permissionsNameResources";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";
import { allowing, bucketPolicy, key, rights, secretPolicy, trust } from "../support/statements";

const wanted = (actions: string, statement = 1): string =>
  `own: name in policy, statement ${statement} the ARNs that are needed instead of "*": AWS takes them for ${actions}`;
const told = (statement: object): string[] => judged(rule, [rights(allowing(statement))]);

describe("permissions name resources", () => {
  it.each([
    "arn:aws:s3:::reports/*",
    "arn:aws:s3:::*",
    ["arn:aws:s3:::reports", "arn:aws:sqs:eu-west-1:111122223333:*"],
  ])("allows %j, as the seed's rule did", (Resource) => {
    expect(told({ Action: "s3:GetObject", Resource })).toEqual([]);
  });

  it.each(["*", "**", "?*", "arn:*", "arn:aws:*", "arn:*:*:*:*:*:*", ["arn:aws:s3:::reports/*", "*"]])(
    "refuses %j",
    (Resource) => {
      expect(told({ Action: "s3:GetObject", Resource })).toEqual([wanted("action 1 of it")]);
    },
  );

  it("refuses a statement that names none, and NotResource, which allows all others", () => {
    expect(told({ Action: "s3:GetObject" })).toEqual([wanted("action 1 of it")]);
    expect(told({ Action: "sts:GetCallerIdentity", NotResource: "arn:aws:s3:::reports" })).toEqual([
      "own: name in policy, statement 1 the ARNs that are needed instead of NotResource, which allows all others",
    ]);
  });

  it("allows everything to actions for which AWS knows no resources, and to no other", () => {
    const alone = ["cloudwatch:PutMetricData", "ssm:CreateOpsItem", "LOGS:describeloggroups", "ec2:DescribeSubnets"];
    expect(told({ Action: alone, Resource: "*" })).toEqual([]);
    expect(
      told({ Action: [...alone, "ec2:DeleteNetworkInterface", "s3:ListAllMyBuckets", "sqs:*"], Resource: "*" }),
    ).toEqual([wanted("action 5, 7 of it")]);
  });

  it("does not know which actions a pattern, or NotAction, has", () => {
    expect(told({ Action: "ec2:Describe*", Resource: "*" })).toEqual([wanted("action 1 of it")]);
    expect(told({ NotAction: "iam:*", Resource: "*" })).toEqual([wanted("its actions")]);
  });

  it("takes an unknown resource for an ARN, and not what stands beside it", () => {
    const document = (Resource: unknown) => ({ Statement: { Effect: "Allow", Action: "kms:Decrypt", Resource } });
    expect(judged(rule, [rights(document([UNKNOWN]))])).toEqual([]);
    expect(judged(rule, [rights(document([UNKNOWN, "*"]))])).toEqual([wanted("action 1 of it")]);
  });

  it("lets everything mean the one thing that carries the document, where AWS has it so", () => {
    const own = allowing({
      Principal: { AWS: "arn:aws:iam::111122223333:root" },
      Action: ["kms:Decrypt"],
      Resource: "*",
    });
    const none = allowing({ Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: ["sts:AssumeRole"] });
    expect(judged(rule, [key(own)])).toEqual([]);
    expect(judged(rule, [secretPolicy(own)])).toEqual([]);
    expect(judged(rule, [trust(none)])).toEqual([]);
    expect(judged(rule, [bucketPolicy(own)])).toEqual([wanted("action 1 of it")]);
    expect(judged(rule, [bucketPolicy(none)])).toEqual([wanted("action 1 of it")]);
  });

  it("tells of each statement, of no Deny, of nothing unread, and of no other type", () => {
    const open = { Action: "s3:GetObject", Resource: "*" };
    expect(judged(rule, [rights(allowing(open, { ...open, Effect: "Deny" }, open))])).toEqual([
      wanted("action 1 of it", 1),
      wanted("action 1 of it", 3),
    ]);
    expect(judged(rule, [rights(UNKNOWN)])).toEqual([]);
    expect(judged(rule, [{ type: "acme:index:Policy", name: "own", props: { policy: allowing(open) } }])).toEqual([]);
  });

  it("is shown by its examples", () => {
    expect(judged(rule, rule.examples.passing)).toEqual([]);
    expect(judged(rule, rule.examples.failing)).toEqual([wanted("action 1 of it").replace("own", "reader")]);
  });
});
