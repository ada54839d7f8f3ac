import { readDocument } from "../../policy/documents";
import { type PermissionTuple } from "./domain";
import { type Inputs } from "./engineValues";
import { type Step } from "./steps";
import {
  conditionText,
  type Grants,
  grantsOfDocument,
  NOTHING,
  product,
  text,
  together,
  unreadable,
  widened,
} from "./tuples";

/** What the inputs of a resource allow and deny. `name` is its logical name. */
type Reader = (inputs: Inputs, name: string) => Grants;

const all =
  (...readers: readonly Reader[]): Reader =>
  (inputs, name) =>
    together(readers.map((reader) => reader(inputs, name)));

/** A document for the one who is named by another property; a managed policy goes by its logical name. */
const identityPolicy =
  (property: string, holder?: string): Reader =>
  (inputs, name) =>
    grantsOfDocument(inputs[property], { principal: holderIn(inputs, holder) ?? name, resource: "*" });

/** A document that says itself whom it is for. */
const resourcePolicy =
  (property: string): Reader =>
  (inputs, name) =>
    grantsOfDocument(inputs[property], { resource: name });

const inlinePolicies: Reader = (inputs, name) => {
  const principal = holderIn(inputs, "name") ?? name;
  const listed = inputs["inlinePolicies"] ?? [];
  if (!Array.isArray(listed)) return unreadable(principal);
  return together(
    listed.map((one: unknown) =>
      typeof one === "object" && one !== null
        ? grantsOfDocument((one as Inputs)["policy"], { principal, resource: "*" })
        : unreadable(principal),
    ),
  );
};

/** Managed policies, by their ARNs: what is in them is not asked. */
const attachments =
  (arns: string, ...holders: readonly string[]): Reader =>
  (inputs, name) => {
    const named = holders.flatMap((holder) => list(inputs[holder]));
    const actions = list(inputs[arns]).map((arn) => `what ${arn} allows`);
    return { allows: product(named.length === 0 ? [name] : named, actions, ["*"], undefined), denies: [] };
  };

/** A boundary denies everything that is not in it. */
const boundary: Reader = (inputs, name) => {
  const denied = list(inputs["permissionsBoundary"]).map((arn) => `what ${arn} does not allow`);
  return { allows: [], denies: product([holderIn(inputs, "name") ?? name], denied, ["*"], undefined) };
};

/** One statement whose elements are properties. */
const statement =
  (element: { principal: string; actions: string; otherwise?: string; resource: string; under: string[] }): Reader =>
  (inputs, name) => {
    const { principal, actions, otherwise, resource, under } = element;
    const given = under.filter((property) => inputs[property] !== undefined).map((key) => [key, inputs[key]]);
    const listed = list(inputs[actions] ?? otherwise);
    const condition = conditionText(Object.fromEntries(given));
    return {
      allows: product([text(inputs[principal])], listed, [text(inputs[resource] ?? name)], condition),
      denies: [],
    };
  };

const BLOCKS = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];

const publicAccessBlock =
  (subject: string): Reader =>
  (inputs, name) => ({
    allows: [],
    denies: product(
      ["*"],
      BLOCKS.filter((block) => inputs[block] === true || inputs[block] === "true"),
      [text(inputs[subject] ?? name)],
      undefined,
    ),
  });

/** Canned lists for everybody and for others; `private` is the owner's own. */
const accessList: Reader = (inputs, name) => {
  const { acl, accessControlPolicy, grants } = inputs;
  if (accessControlPolicy !== undefined || grants !== undefined) return unreadable();
  const allows = list(acl === "private" ? undefined : acl).map((one) => `what the ACL ${one} allows`);
  return { allows: product(["unknown"], allows, [text(inputs["bucket"] ?? name)], undefined), denies: [] };
};

/** A URL without authentication is open to everybody. */
const functionUrl: Reader = (inputs, name) =>
  inputs["authorizationType"] === "AWS_IAM"
    ? NOTHING
    : {
        allows: product(["*"], ["lambda:InvokeFunctionUrl"], [text(inputs["functionName"] ?? name)], undefined),
        denies: [],
      };

/** What ends together with the resource that it is about: nobody can use the rights that a deleted one had denied. */
const WITH_ITS_RESOURCE: Readonly<Record<string, Reader>> = {
  "aws:iam/role:Role": all(
    resourcePolicy("assumeRolePolicy"),
    inlinePolicies,
    attachments("managedPolicyArns", "name"),
    boundary,
  ),
  "aws:iam/user:User": boundary,
  "aws:kms/key:Key": resourcePolicy("policy"),
  "aws:kms/externalKey:ExternalKey": resourcePolicy("policy"),
  "aws:kms/replicaKey:ReplicaKey": resourcePolicy("policy"),
  "aws:sns/topic:Topic": resourcePolicy("policy"),
  "aws:sqs/queue:Queue": resourcePolicy("policy"),
  "aws:secretsmanager/secret:Secret": resourcePolicy("policy"),
  "aws:s3/accessPoint:AccessPoint": resourcePolicy("policy"),
  "aws:s3/bucket:Bucket": all(resourcePolicy("policy"), accessList),
  "aws:lambda/functionUrl:FunctionUrl": functionUrl,
};

/** What leaves the thing that it is about behind. */
const ON_ITS_OWN: Readonly<Record<string, Reader>> = {
  "aws:iam/policy:Policy": identityPolicy("policy"),
  "aws:iam/rolePolicy:RolePolicy": identityPolicy("policy", "role"),
  "aws:iam/userPolicy:UserPolicy": identityPolicy("policy", "user"),
  "aws:iam/groupPolicy:GroupPolicy": identityPolicy("policy", "group"),
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": attachments("policyArn", "role"),
  "aws:iam/userPolicyAttachment:UserPolicyAttachment": attachments("policyArn", "user"),
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": attachments("policyArn", "group"),
  "aws:iam/policyAttachment:PolicyAttachment": attachments("policyArn", "roles", "users", "groups"),
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": attachments("policyArns", "roleName"),
  "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": attachments("policyArns", "userName"),
  "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": attachments("policyArns", "groupName"),
  "aws:s3/bucketPolicy:BucketPolicy": resourcePolicy("policy"),
  "aws:s3/bucketAcl:BucketAcl": accessList,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": publicAccessBlock("bucket"),
  "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": publicAccessBlock("accountId"),
  "aws:sns/topicPolicy:TopicPolicy": resourcePolicy("policy"),
  "aws:sqs/queuePolicy:QueuePolicy": resourcePolicy("policy"),
  "aws:secretsmanager/secretPolicy:SecretPolicy": resourcePolicy("policy"),
  "aws:ecr/repositoryPolicy:RepositoryPolicy": resourcePolicy("policy"),
  "aws:ecr/registryPolicy:RegistryPolicy": resourcePolicy("policy"),
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": resourcePolicy("policy"),
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": resourcePolicy("policyDocument"),
  "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": resourcePolicy("accessPolicy"),
  "aws:codebuild/resourcePolicy:ResourcePolicy": resourcePolicy("policy"),
  "aws:dynamodb/resourcePolicy:ResourcePolicy": resourcePolicy("policy"),
  "aws:kms/keyPolicy:KeyPolicy": resourcePolicy("policy"),
  "aws:kms/grant:Grant": statement({
    principal: "granteePrincipal",
    actions: "operations",
    resource: "keyId",
    under: ["constraints"],
  }),
  "aws:lambda/permission:Permission": statement({
    principal: "principal",
    actions: "action",
    resource: "function",
    under: ["qualifier", "sourceArn", "sourceAccount", "principalOrgId", "eventSourceToken", "functionUrlAuthType"],
  }),
  "aws:lambda/layerVersionPermission:LayerVersionPermission": statement({
    principal: "principal",
    actions: "action",
    resource: "layerName",
    under: ["versionNumber", "organizationId"],
  }),
  "aws:cloudwatch/eventPermission:EventPermission": statement({
    principal: "principal",
    actions: "action",
    otherwise: "events:PutEvents",
    resource: "eventBusName",
    under: ["condition"],
  }),
};

export const permissionTypes: readonly string[] = [...Object.keys(WITH_ITS_RESOURCE), ...Object.keys(ON_ITS_OWN)];

/** What a change lets somebody do that could not be done before. */
export function addedPermissions({ op, type, name, old, new: next }: Step): readonly PermissionTuple[] {
  if (op === "delete" && type in WITH_ITS_RESOURCE) return [];
  const read = WITH_ITS_RESOURCE[type] ?? ON_ITS_OWN[type] ?? (type.startsWith("aws:iam/") ? otherIam : otherType);
  return widened(old === undefined ? NOTHING : read(old, name), next === undefined ? NOTHING : read(next, name));
}

/** Access keys, memberships, identity providers and the like give something that is no list of rights. */
const otherIam: Reader = (_, name) => ({ allows: unreadable(name).allows, denies: [] });

/** A type that nobody has listed, with something in it that is called a policy and is an IAM document, or may be. */
const otherType: Reader = (inputs, name) =>
  together(
    Object.keys(inputs)
      .filter((property) => /polic(y|ies|ydocument)$/i.test(property))
      .filter((property) => readDocument(inputs[property]).kind !== "unreadable")
      .map((property) => grantsOfDocument(inputs[property], { resource: name })),
  );

const holderIn = (inputs: Inputs, property: string | undefined): string | undefined => {
  const named = property === undefined ? undefined : inputs[property];
  return typeof named === "string" ? named : undefined;
};

/** One or several texts; what is unknown is one of its own. */
function list(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(text) : [text(value)];
}
