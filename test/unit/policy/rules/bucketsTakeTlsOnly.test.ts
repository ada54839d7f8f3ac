import { describe, expect, test } from "@jest/globals";
import { type Example } from "../../../../policy/rule";
import { bucketsTakeTlsOnly } from "../../../../policy/rules/bucketsTakeTlsOnly";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const ARN = "arn:aws:s3:::kiro-reports";
const HOW = 'that denies s3:* to "*" on the bucket and its objects where aws:SecureTransport is false';
const undeclared = [`reports: declare an aws.s3.BucketPolicy of this bucket ${HOW}`];
const refused = [`reports: give policy a statement ${HOW}`];

const bucket: Example = { type: "aws:s3/bucket:Bucket", name: "reports", props: { bucket: "kiro-reports" } };
const deny = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: [ARN, `${ARN}/*`] as unknown,
  Condition: { Bool: { "aws:SecureTransport": "false" } } as unknown,
};
const documentOf = (...statements: readonly object[]) => ({ Version: "2012-10-17", Statement: statements });
const policy = (document: unknown, more: Partial<Example> = {}): Example => ({
  type: "aws:s3/bucketPolicy:BucketPolicy",
  name: "policy",
  props: { bucket: UNKNOWN, policy: document },
  uses: { bucket: ["reports"] },
  ...more,
});

/** What the rule says of a bucket with this one statement in its policy. */
const judge = (change: object) => judged(bucketsTakeTlsOnly, [bucket, policy(documentOf({ ...deny, ...change }))]);

/** The same where a component of ours declares the statement, because the text is not known. */
function declared(change: object, madeFrom: string, document: unknown = documentOf({ ...deny, ...change })): string[] {
  return judged(bucketsTakeTlsOnly, [
    bucket,
    { ...bucket, name: "other", props: {} },
    { type: "kiro:pipeline:DataBucket", name: "owner", props: { policyDocuments: { policy: document } } },
    policy(UNKNOWN, { parent: "owner", uses: { bucket: ["reports"], policy: [madeFrom] } }),
  ]).filter((message) => !message.startsWith("other: "));
}

describe("buckets-take-tls-only", () => {
  test.each([
    ["as an object", documentOf(deny)],
    ["as text", JSON.stringify(documentOf(deny))],
    ["among other statements", documentOf({ ...deny, Effect: "Allow", Action: "s3:GetObject" }, deny)],
    ["in two statements", documentOf({ ...deny, Resource: ARN }, { ...deny, Resource: `${ARN}/*` })],
  ])("accepts a bucket whose policy refuses plain HTTP %s", (_, document) => {
    expect(judged(bucketsTakeTlsOnly, [bucket, policy(document)])).toEqual([]);
  });

  test.each([
    ["AWS accounts", { Principal: { AWS: "*" } }],
    ["every action of all services", { Action: "*" }],
    ["every resource", { Resource: "*" }],
    ["all that begins with its name", { Resource: `${ARN}*` }],
    ["buckets of another partition", { Resource: ["arn:aws-cn:s3:::kiro-reports", "arn:aws-cn:s3:::kiro-reports/*"] }],
    ["requests that do not tell either", { Condition: { BoolIfExists: { "aws:securetransport": ["false"] } } }],
    ["false itself", { Condition: { Bool: { "aws:SecureTransport": false } } }],
  ])("accepts a statement that is wide enough: %s", (_, change) => {
    expect(judge(change)).toEqual([]);
  });

  test("refuses a bucket without a policy in the program, whatever AWS says that it has", () => {
    const live = { ...bucket, props: { ...bucket.props, policy: JSON.stringify(documentOf(deny)) } };
    expect(judged(bucketsTakeTlsOnly, [bucket])).toEqual(undeclared);
    expect(judged(bucketsTakeTlsOnly, [live])).toEqual(undeclared);
  });

  test.each([
    ["allows", { Effect: "Allow" }],
    ["denies somebody", { Principal: { AWS: "arn:aws:iam::000000000000:root" } }],
    ["denies all but somebody", { Principal: undefined, NotPrincipal: { AWS: "arn:aws:iam::000000000000:root" } }],
    ["denies some actions", { Action: ["s3:Get*", "s3:Put*"] }],
    ["denies actions of one letter", { Action: "s3:?" }],
    ["denies all but some actions", { Action: undefined, NotAction: "s3:GetObject" }],
    ["leaves the bucket out", { Resource: `${ARN}/*` }],
    ["leaves the objects out", { Resource: ARN }],
    ["leaves some objects out", { Resource: [ARN, `${ARN}/public/*`] }],
    ["names another bucket", { Resource: ["arn:aws:s3:::kiroXreports", "arn:aws:s3:::kiroXreports/*"] }],
    ["leaves some resources out", { Resource: undefined, NotResource: `${ARN}/public/*` }],
    ["holds where HTTP is not plain", { Condition: { Bool: { "aws:SecureTransport": "true" } } }],
    ["holds for something else", { Condition: { Bool: { "aws:ViaAWSService": "false" } } }],
    ["compares otherwise", { Condition: { Null: { "aws:SecureTransport": "false" } } }],
    ["asks for two values", { Condition: { Bool: { "aws:SecureTransport": ["false", "true"] } } }],
    [
      "holds on a second condition",
      { Condition: { ...(deny.Condition as object), IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } },
    ],
    [
      "holds on a second key",
      { Condition: { Bool: { "aws:SecureTransport": "false", "aws:ViaAWSService": "false" } } },
    ],
    ["has no condition", { Condition: undefined }],
    ["has a condition that is none", { Condition: "aws:SecureTransport" }],
    ["has a condition that is not known", { Condition: UNKNOWN }],
  ])("refuses a statement that %s", (_, change) => {
    expect(judge(change)).toEqual(refused);
  });

  test("believes the statements that the policy's component declares, where the bucket's ARN is all that is unknown", () => {
    expect(declared({ Resource: [UNKNOWN, UNKNOWN] }, "reports")).toEqual([]);
    expect(declared({ Resource: [ARN, UNKNOWN] }, "reports")).toEqual([]);
    expect(declared({}, "reports")).toEqual([]);
  });

  test("takes nothing unknown for more than it can be", () => {
    expect(declared({ Resource: [UNKNOWN] }, "reports")).toEqual(refused);
    expect(declared({ Resource: [ARN] }, "reports")).toEqual(refused);
    expect(declared({ Resource: [UNKNOWN, UNKNOWN] }, "other")).toEqual(refused);
    expect(declared({ Effect: "Allow", Resource: [UNKNOWN, UNKNOWN] }, "reports")).toEqual(refused);
  });

  test("takes no name for that of a bucket which has none yet", () => {
    const unnamed = { ...bucket, props: { bucket: UNKNOWN } };
    expect(judged(bucketsTakeTlsOnly, [unnamed, policy(documentOf(deny))])).toEqual(refused);
    expect(judged(bucketsTakeTlsOnly, [unnamed, policy(documentOf({ ...deny, Resource: "*" }))])).toEqual([]);
  });

  test("leaves a document that nobody can read to documents-can-be-read", () => {
    expect(judged(bucketsTakeTlsOnly, [bucket, policy(UNKNOWN)])).toEqual([]);
    expect(judged(bucketsTakeTlsOnly, [bucket, policy("{")])).toEqual([]);
  });

  test("has nothing to say about an access point", () => {
    expect(judged(bucketsTakeTlsOnly, [{ type: "aws:s3/accessPoint:AccessPoint", name: "a", props: {} }])).toEqual([]);
  });
});
