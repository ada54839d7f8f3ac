import { describe, expect, it } from "@jest/globals";
import { documentsCanBeRead as rule } from "../../../../policy/rules/documentsCanBeRead";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";
import { allowing, key, rights, trust } from "../support/statements";

const document = allowing({ Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*" });
const notKnown = (where: string): string =>
  `own: make the ARNs in ${where} from names, so that its statements are known before the update: they are not yet`;

const PLACES: readonly (readonly [string, string])[] = [
  ["aws:iam/role:Role", "assumeRolePolicy"],
  ["aws:iam/rolePolicy:RolePolicy", "policy"],
  ["aws:iam/policy:Policy", "policy"],
  ["aws:iam/userPolicy:UserPolicy", "policy"],
  ["aws:iam/groupPolicy:GroupPolicy", "policy"],
  ["aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "inlinePolicy"],
  ["aws:s3/bucketPolicy:BucketPolicy", "policy"],
  ["aws:s3control/accessPointPolicy:AccessPointPolicy", "policy"],
  ["aws:sns/topicPolicy:TopicPolicy", "policy"],
  ["aws:sqs/queuePolicy:QueuePolicy", "policy"],
  ["aws:kms/keyPolicy:KeyPolicy", "policy"],
  ["aws:secretsmanager/secretPolicy:SecretPolicy", "policy"],
  ["aws:ecr/repositoryPolicy:RepositoryPolicy", "policy"],
  ["aws:ecr/registryPolicy:RegistryPolicy", "policy"],
  ["aws:cloudwatch/eventBusPolicy:EventBusPolicy", "policy"],
  ["aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "policyDocument"],
  ["aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy", "accessPolicy"],
  ["aws:dynamodb/resourcePolicy:ResourcePolicy", "policy"],
  ["aws:kinesis/resourcePolicy:ResourcePolicy", "policy"],
  ["aws:codebuild/resourcePolicy:ResourcePolicy", "policy"],
  ["aws:lambda/resourcePolicy:ResourcePolicy", "policy"],
  ["aws:efs/fileSystemPolicy:FileSystemPolicy", "policy"],
];

/** AWS gives these a policy, or says that there is none, where the program gives none. */
const OPTIONAL = [
  "aws:s3/bucket:Bucket",
  "aws:s3/bucketV2:BucketV2",
  "aws:s3/accessPoint:AccessPoint",
  "aws:sns/topic:Topic",
  "aws:sqs/queue:Queue",
  "aws:kms/key:Key",
  "aws:kms/externalKey:ExternalKey",
  "aws:kms/replicaKey:ReplicaKey",
  "aws:kms/replicaExternalKey:ReplicaExternalKey",
  "aws:secretsmanager/secret:Secret",
];

describe("documents can be read", () => {
  it.each(PLACES)("in %s.%s: text or object, never unknown and never missing", (type, property) => {
    const told = (props: Record<string, unknown>): string[] => judged(rule, [{ type, name: "own", props }]);
    expect(told({ [property]: document })).toEqual([]);
    expect(told({ [property]: JSON.parse(document) as unknown })).toEqual([]);
    expect(told({ [property]: UNKNOWN })).toEqual([notKnown(property)]);
    expect(told({})).toEqual([`own: mend ${property}, which cannot be read: it is not a JSON object`]);
    expect(told({ [property]: "not JSON" })).toEqual([
      `own: mend ${property}, which cannot be read: it is not a JSON object`,
    ]);
  });

  it.each(OPTIONAL)("in %s.policy, where the program sets it", (type) => {
    const told = (policy: unknown, uses?: Record<string, string[]>): string[] =>
      judged(rule, [
        { type: "acme:index:Thing", name: "other", props: {} },
        { type, name: "own", props: { policy }, ...(uses === undefined ? {} : { uses }) },
      ]);
    expect(told(document)).toEqual([]);
    expect(told(undefined)).toEqual([]);
    expect(told("")).toEqual([]);
    expect(told(UNKNOWN)).toEqual([]);
    expect(told(UNKNOWN, { policy: ["other"] })).toEqual([notKnown("policy")]);
    expect(told("[]")).toEqual(["own: mend policy, which cannot be read: it is not a JSON object"]);
  });

  it("asks for the statements, not for what an ARN in them will be", () => {
    expect(
      judged(rule, [rights({ Statement: [{ Effect: "Allow", Action: "kms:Decrypt", Resource: UNKNOWN }] })]),
    ).toEqual([]);
    expect(judged(rule, [rights({ Statement: [{ Effect: "Allow", Action: UNKNOWN, Resource: "*" }] })])).toEqual([
      notKnown("policy"),
    ]);
    expect(judged(rule, [rights({ Statement: UNKNOWN })])).toEqual([notKnown("policy")]);
  });

  it("believes the component of ours that made the policy", () => {
    const declared = {
      rights: JSON.parse(allowing({ Action: "kms:Decrypt", Resource: "arn:aws:kms:::key/1" })) as unknown,
    };
    const policy = { ...rights(UNKNOWN), name: "rights", parent: "builds" };
    const made = (type: string) => ({ type, name: "builds", props: { policyDocuments: declared } });
    expect(judged(rule, [made("kiro:pipeline:BuildProject"), policy])).toEqual([]);
    expect(judged(rule, [made("acme:index:Builds"), policy])).toEqual([notKnown("policy").replace("own", "rights")]);
  });

  it("says what is wrong with a statement, and shows nothing of it", () => {
    expect(judged(rule, [rights(allowing({ Effect: "Permit", Action: "s3:GetObject" }))])).toEqual([
      "own: mend policy, which cannot be read: the Effect of statement 1 is neither Allow nor Deny",
    ]);
  });

  it("looks into the policies that a role carries itself", () => {
    const told = (inlinePolicies: unknown, uses?: Record<string, string[]>): string[] =>
      judged(rule, [
        { ...trust(document), name: "other" },
        {
          ...trust(document),
          props: { assumeRolePolicy: document, inlinePolicies },
          ...(uses === undefined ? {} : { uses }),
        },
      ]);
    expect(told([{ name: "one", policy: document }, {}])).toEqual([]);
    expect(told([])).toEqual([]);
    expect(told(undefined)).toEqual([]);
    expect(told(UNKNOWN)).toEqual([]);
    expect(told(UNKNOWN, { inlinePolicies: ["other"] })).toEqual([notKnown("inlinePolicies")]);
    expect(told([{ policy: document }, { policy: UNKNOWN }])).toEqual([notKnown("inlinePolicies[1].policy")]);
    expect(told([UNKNOWN])).toEqual([notKnown("inlinePolicies[0].policy")]);
    expect(told([null])).toEqual(["own: mend inlinePolicies[0].policy, which cannot be read: it is not a JSON object"]);
  });

  it("does not apply to what carries no document", () => {
    expect(
      judged(rule, [{ type: "aws:sqs/redrivePolicy:RedrivePolicy", name: "own", props: { policy: UNKNOWN } }]),
    ).toEqual([]);
    expect(judged(rule, [key(document)])).toEqual([]);
  });

  it("is shown by its examples", () => {
    expect(judged(rule, rule.examples.passing)).toEqual([]);
    expect(judged(rule, rule.examples.failing)).toEqual([notKnown("policy").replace("own", "reader")]);
  });
});
