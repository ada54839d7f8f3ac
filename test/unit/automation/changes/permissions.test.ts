import { describe, expect, test } from "@jest/globals";
import { type PermissionTuple } from "../../../../automation/changes/domain";
import { addedPermissions } from "../../../../automation/changes/permissions";
import { UNKNOWN } from "../../../../policy/values";

type Inputs = Record<string, unknown>;

/** What a change of the resource `thing` adds, as `principal: action on resource [if condition]`. */
function added(type: string, old: Inputs | undefined, next: Inputs | undefined): string[] {
  const op = old === undefined ? "create" : next === undefined ? "delete" : "update";
  const step = { op, urn: "", type, name: "thing", custom: true, told: [] };
  const adds = addedPermissions({ ...step, ...(old && { old }), ...(next && { new: next }) });
  return adds.map(
    ({ principal, action, resource, condition }: PermissionTuple) =>
      `${principal}: ${action} on ${resource}${condition === undefined ? "" : ` if ${condition}`}`,
  );
}
const document = (...statements: object[]) => JSON.stringify({ Statement: statements });
const allow = { Effect: "Allow", Action: "a:b", Resource: "r" };
const deny = { ...allow, Effect: "Deny" };

describe("an identity policy", () => {
  test.each([
    ["aws:iam/rolePolicy:RolePolicy", "role"],
    ["aws:iam/userPolicy:UserPolicy", "user"],
    ["aws:iam/groupPolicy:GroupPolicy", "group"],
  ])("of type %s is for its %s", (type, holder) => {
    const policy = document(allow);
    expect(added(type, undefined, { [holder]: "me", policy })).toEqual(["me: a:b on r"]);
    expect(added(type, undefined, { [holder]: UNKNOWN, policy })).toEqual(["thing: a:b on r"]);
    expect(added(type, { [holder]: "me", policy }, { [holder]: "you", policy })).toEqual(["you: a:b on r"]);
    expect(added(type, { [holder]: "me", policy }, { [holder]: "me", policy })).toEqual([]);
  });

  test("that others may have goes by its own name", () => {
    const managed = "aws:iam/policy:Policy";
    expect(added(managed, undefined, { name: "x", policy: document(allow) })).toEqual(["thing: a:b on r"]);
    expect(added(managed, undefined, { policy: UNKNOWN })).toEqual(["thing: unknown on unknown"]);
    expect(added(managed, undefined, { policy: document({ Effect: "Allow", Action: "a:b" }) })).toEqual([
      "thing: a:b on *",
    ]);
  });

  test("that goes widens only what it denied", () => {
    expect(added("aws:iam/policy:Policy", { policy: document(allow) }, undefined)).toEqual([]);
    expect(added("aws:iam/policy:Policy", { policy: document(allow, deny) }, undefined)).toEqual([
      "thing: no longer denied: a:b on r",
    ]);
  });
});

describe("a role", () => {
  const role = "aws:iam/role:Role";
  const trust = (...services: string[]) =>
    document({ Effect: "Allow", Principal: { Service: services }, Action: "sts:AssumeRole" });

  test("is widened by whom it trusts", () => {
    expect(added(role, { assumeRolePolicy: trust("a") }, { assumeRolePolicy: trust("a", "b") })).toEqual([
      "Service:b: sts:AssumeRole on thing",
    ]);
    expect(added(role, { assumeRolePolicy: trust("a") }, { assumeRolePolicy: UNKNOWN })).toEqual([
      "unknown: unknown on unknown",
    ]);
  });

  test("is widened by its inline policies, taken together", () => {
    const inline = (...documents: unknown[]) => ({
      name: "me",
      inlinePolicies: documents.map((policy, index) => ({ name: String(index), policy })),
    });
    const other = { ...allow, Action: "a:c" };
    expect(added(role, inline(document(allow)), inline(document(other), document(allow)))).toEqual(["me: a:c on r"]);
    expect(added(role, inline(document(allow, other)), inline(document(other), document(allow)))).toEqual([]);
    expect(added(role, inline(), inline(UNKNOWN))).toEqual(["me: unknown on unknown"]);
    expect(added(role, {}, { name: "me", inlinePolicies: UNKNOWN })).toEqual(["me: unknown on unknown"]);
    expect(added(role, {}, { name: "me", inlinePolicies: [UNKNOWN] })).toEqual(["me: unknown on unknown"]);
    expect(added(role, {}, { inlinePolicies: [{ policy: document(allow) }] })).toEqual(["thing: a:b on r"]);
    expect(added(role, {}, { inlinePolicies: [null, { name: "empty" }] })).toEqual(["thing: unknown on unknown"]);
  });

  test("is widened by managed policies", () => {
    expect(added(role, { managedPolicyArns: ["p"] }, { name: "me", managedPolicyArns: ["p", "q"] })).toEqual([
      "me: what p allows on *",
      "me: what q allows on *",
    ]);
    expect(added(role, { managedPolicyArns: ["p"] }, { managedPolicyArns: ["p", UNKNOWN] })).toEqual([
      "thing: what unknown allows on *",
    ]);
  });

  test.each([role, "aws:iam/user:User"])("is widened by another boundary or none: %s", (type) => {
    const bound = { name: "me", permissionsBoundary: "b" };
    const lost = ["me: no longer denied: what b does not allow on *"];
    expect(added(type, bound, { name: "me" })).toEqual(lost);
    expect(added(type, bound, { name: "me", permissionsBoundary: "c" })).toEqual(lost);
    expect(added(type, bound, { name: "me", permissionsBoundary: UNKNOWN })).toEqual(lost);
    expect(added(type, bound, bound)).toEqual([]);
    expect(added(type, undefined, bound)).toEqual([]);
    expect(added(type, { permissionsBoundary: "b" }, {})).toEqual([
      "thing: no longer denied: what b does not allow on *",
    ]);
  });

  test("that goes takes all of this along", () => {
    expect(added(role, { permissionsBoundary: "b", assumeRolePolicy: document(deny) }, undefined)).toEqual([]);
  });
});

describe("attachments", () => {
  test.each([
    ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", "policyArn"],
    ["aws:iam/userPolicyAttachment:UserPolicyAttachment", "user", "policyArn"],
    ["aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "group", "policyArn"],
    ["aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "roleName", "policyArns"],
    ["aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive", "userName", "policyArns"],
    ["aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive", "groupName", "policyArns"],
  ])("of type %s give %s what is in %s", (type, holder, arns) => {
    expect(added(type, undefined, { [holder]: "me", [arns]: "p" })).toEqual(["me: what p allows on *"]);
    expect(added(type, undefined, { [holder]: UNKNOWN, [arns]: UNKNOWN })).toEqual([
      "unknown: what unknown allows on *",
    ]);
    expect(added(type, { [holder]: "me", [arns]: "p" }, undefined)).toEqual([]);
  });

  test("may be for several at once", () => {
    const type = "aws:iam/policyAttachment:PolicyAttachment";
    const before = { roles: ["r"], users: ["u"], policyArn: "p" };
    expect(added(type, undefined, { ...before, groups: ["g"] })).toEqual([
      "g: what p allows on *",
      "r: what p allows on *",
      "u: what p allows on *",
    ]);
    expect(added(type, before, { ...before, roles: ["r", "s"] })).toEqual(["s: what p allows on *"]);
    expect(added(type, undefined, { policyArn: "p" })).toEqual(["thing: what p allows on *"]);
  });
});

describe("a resource policy", () => {
  const everybody = { ...allow, Principal: "*" };
  const standing = [
    ["aws:s3/bucketPolicy:BucketPolicy", "policy"],
    ["aws:sns/topicPolicy:TopicPolicy", "policy"],
    ["aws:sqs/queuePolicy:QueuePolicy", "policy"],
    ["aws:secretsmanager/secretPolicy:SecretPolicy", "policy"],
    ["aws:ecr/repositoryPolicy:RepositoryPolicy", "policy"],
    ["aws:ecr/registryPolicy:RegistryPolicy", "policy"],
    ["aws:cloudwatch/eventBusPolicy:EventBusPolicy", "policy"],
    ["aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "policyDocument"],
    ["aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy", "accessPolicy"],
    ["aws:codebuild/resourcePolicy:ResourcePolicy", "policy"],
    ["aws:dynamodb/resourcePolicy:ResourcePolicy", "policy"],
    ["aws:kms/keyPolicy:KeyPolicy", "policy"],
  ] as const;
  const embedded = [
    ["aws:kms/key:Key", "policy"],
    ["aws:kms/externalKey:ExternalKey", "policy"],
    ["aws:kms/replicaKey:ReplicaKey", "policy"],
    ["aws:sns/topic:Topic", "policy"],
    ["aws:sqs/queue:Queue", "policy"],
    ["aws:secretsmanager/secret:Secret", "policy"],
    ["aws:s3/accessPoint:AccessPoint", "policy"],
    ["aws:s3/bucket:Bucket", "policy"],
  ] as const;

  test.each([...standing, ...embedded])("of type %s is in %s", (type, property) => {
    expect(added(type, undefined, { [property]: document(everybody) })).toEqual(["*: a:b on r"]);
    expect(added(type, { [property]: document() }, { [property]: document(everybody) })).toEqual(["*: a:b on r"]);
    expect(added(type, {}, { [property]: UNKNOWN })).toEqual(["unknown: unknown on unknown"]);
    expect(added(type, {}, { [property]: "no document" })).toEqual(["unknown: unknown on unknown"]);
    expect(added(type, { [property]: document({ ...deny, Principal: "*" }) }, {})).toEqual([
      "*: no longer denied: a:b on r",
    ]);
    expect(added(type, {}, {})).toEqual([]);
  });

  test.each(standing)("of type %s leaves open what it denied when it goes", (type, property) => {
    expect(added(type, { [property]: document({ ...deny, Principal: "*" }) }, undefined)).toEqual([
      "*: no longer denied: a:b on r",
    ]);
  });

  test.each(embedded)("of type %s goes with what it protects", (type, property) => {
    expect(added(type, { [property]: document({ ...deny, Principal: "*" }) }, undefined)).toEqual([]);
  });
});

describe("a permission that is no document", () => {
  test("of a function", () => {
    const type = "aws:lambda/permission:Permission";
    const given = { principal: "events.amazonaws.com", action: "lambda:InvokeFunction", function: "f" };
    expect(added(type, undefined, given)).toEqual(["events.amazonaws.com: lambda:InvokeFunction on f"]);
    const under = { qualifier: "1", sourceArn: "s", sourceAccount: "a", principalOrgId: "o" };
    const more = { eventSourceToken: "t", functionUrlAuthType: "NONE" };
    expect(added(type, undefined, { ...given, ...under, ...more, statementId: "x" })).toEqual([
      "events.amazonaws.com: lambda:InvokeFunction on f if " +
        '{"eventSourceToken":"t","functionUrlAuthType":"NONE","principalOrgId":"o","qualifier":"1","sourceAccount":"a","sourceArn":"s"}',
    ]);
    expect(added(type, { ...given, sourceArn: "s" }, given)).toHaveLength(1);
    expect(added(type, given, { ...given, sourceArn: "s" })).toEqual([]);
    expect(added(type, undefined, { ...given, function: UNKNOWN, sourceArn: UNKNOWN })).toEqual([
      "events.amazonaws.com: lambda:InvokeFunction on unknown if unknown",
    ]);
    expect(added(type, given, undefined)).toEqual([]);
  });

  test("of a layer", () => {
    const given = { principal: "*", action: "lambda:GetLayerVersion", layerName: "l", versionNumber: 3 };
    expect(
      added("aws:lambda/layerVersionPermission:LayerVersionPermission", undefined, { ...given, organizationId: "o" }),
    ).toEqual(['*: lambda:GetLayerVersion on l if {"organizationId":"o","versionNumber":3}']);
  });

  test("of an event bus", () => {
    const type = "aws:cloudwatch/eventPermission:EventPermission";
    expect(added(type, undefined, { principal: "1", eventBusName: "bus" })).toEqual(["1: events:PutEvents on bus"]);
    expect(added(type, undefined, { principal: "1", action: "events:PutRule", condition: { key: "k" } })).toEqual([
      '1: events:PutRule on thing if {"condition":{"key":"k"}}',
    ]);
  });

  test("of a key", () => {
    const grant = { granteePrincipal: "g", operations: ["Decrypt", "Encrypt"], keyId: "k" };
    expect(added("aws:kms/grant:Grant", { ...grant, operations: ["Decrypt"] }, grant)).toEqual(["g: Encrypt on k"]);
    expect(added("aws:kms/grant:Grant", { ...grant, constraints: [{ a: "b" }] }, grant)).toEqual([
      "g: Decrypt on k",
      "g: Encrypt on k",
    ]);
  });

  test("of a function's URL", () => {
    const type = "aws:lambda/functionUrl:FunctionUrl";
    const open = { authorizationType: "NONE", functionName: "f" };
    expect(added(type, undefined, open)).toEqual(["*: lambda:InvokeFunctionUrl on f"]);
    expect(added(type, { ...open, authorizationType: "AWS_IAM" }, { authorizationType: UNKNOWN })).toEqual([
      "*: lambda:InvokeFunctionUrl on thing",
    ]);
    expect(added(type, undefined, { ...open, authorizationType: "AWS_IAM" })).toEqual([]);
  });
});

describe("public access", () => {
  const closed = {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  };

  test.each([
    ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket"],
    ["aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "accountId"],
  ])("is widened by loosening a %s of a %s", (type, subject) => {
    const before = { ...closed, [subject]: "b" };
    for (const block of Object.keys(closed)) {
      const lost = [`*: no longer denied: ${block} on b`];
      expect(added(type, before, { ...before, [block]: false })).toEqual(lost);
      expect(added(type, before, { ...before, [block]: UNKNOWN })).toEqual(lost);
      expect(added(type, before, { ...before, [block]: undefined })).toEqual(lost);
    }
    expect(added(type, before, before)).toEqual([]);
    expect(added(type, { ...before, blockPublicAcls: "true" }, before)).toEqual([]);
    expect(added(type, undefined, { [subject]: "b" })).toEqual([]);
    expect(added(type, before, undefined)).toHaveLength(4);
    expect(added(type, { blockPublicAcls: true }, undefined)).toEqual([
      "*: no longer denied: blockPublicAcls on thing",
    ]);
  });

  test.each(["aws:s3/bucketAcl:BucketAcl", "aws:s3/bucket:Bucket"])("is widened by an access list of a %s", (type) => {
    expect(added(type, { acl: "private" }, { acl: "public-read", bucket: "b" })).toEqual([
      "unknown: what the ACL public-read allows on b",
    ]);
    expect(added(type, {}, { acl: UNKNOWN })).toEqual(["unknown: what the ACL unknown allows on thing"]);
    expect(added(type, {}, { acl: "private" })).toEqual([]);
    expect(added(type, {}, { grants: [] })).toEqual(["unknown: unknown on unknown"]);
    expect(added(type, {}, { accessControlPolicy: {} })).toEqual(["unknown: unknown on unknown"]);
  });
});

describe("a type that nobody has listed", () => {
  test("of IAM gives something that is no list of rights, and ends with itself", () => {
    const type = "aws:iam/accessKey:AccessKey";
    expect(added(type, undefined, { user: "u" })).toEqual(["thing: unknown on unknown"]);
    expect(added(type, { user: "u" }, { user: "v" })).toEqual(["thing: unknown on unknown"]);
    expect(added(type, { user: "u" }, undefined)).toEqual([]);
  });

  test("is read where something is called a policy and is one", () => {
    const type = "aws:backup/vaultPolicy:VaultPolicy";
    const opened = document({ ...allow, Principal: "*" });
    for (const property of ["policy", "accessPolicy", "accessPolicies", "policyDocument", "resourcePolicy"]) {
      expect(added(type, undefined, { [property]: opened })).toEqual(["*: a:b on r"]);
    }
    expect(added(type, { policy: opened }, { policy: UNKNOWN })).toEqual(["unknown: unknown on unknown"]);
    expect(added(type, { policy: document({ ...deny, Principal: "*" }) }, undefined)).toHaveLength(1);
  });

  test("is not read where it only looks so", () => {
    const document_ = document({ ...allow, Principal: "*" });
    expect(added("aws:ecr/lifecyclePolicy:LifecyclePolicy", {}, { policy: '{"rules":[]}' })).toEqual([]);
    expect(added("aws:sqs/thing:Thing", {}, { redrivePolicy: "{}", policyType: document_, body: document_ })).toEqual(
      [],
    );
    expect(added("aws:iamx/thing:Thing", {}, {})).toEqual([]);
  });
});
