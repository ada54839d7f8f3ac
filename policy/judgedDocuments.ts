import { documentOf } from "./declaredDocuments";
import { type PolicyDocument, readDocument, type Statement } from "./documents";
import { type Declared, type Program } from "./program";
import { UNKNOWN } from "./values";

/** Whose document it is: what an identity may do, who may take a role, who may reach a resource or a key. */
export type DocumentKind = "identity" | "trust" | "resource" | "key";

interface Place {
  readonly property: string;
  readonly kind: DocumentKind;
  /** AWS gives it a value where the program gives none. */
  readonly optional?: true;
  /** `"*"`, or no Resource at all, means what carries the document, and there is nothing else that it could name. */
  readonly ofItself?: true;
}

const identity: Place = { property: "policy", kind: "identity" };
const resource: Place = { property: "policy", kind: "resource" };
const itself: Place = { ...resource, ofItself: true };
const key: Place = { property: "policy", kind: "key", ofItself: true };
const optional = true;

/** Where the documents are. Those that only ever take away (of organizations, of VPC endpoints) are not ours to judge. */
const PLACES: Readonly<Record<string, Place>> = {
  "aws:iam/role:Role": { property: "assumeRolePolicy", kind: "trust", ofItself: true },
  "aws:iam/rolePolicy:RolePolicy": identity,
  "aws:iam/policy:Policy": identity,
  "aws:iam/userPolicy:UserPolicy": identity,
  "aws:iam/groupPolicy:GroupPolicy": identity,
  "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": { ...identity, property: "inlinePolicy" },
  "aws:s3/bucket:Bucket": { ...resource, optional },
  "aws:s3/bucketV2:BucketV2": { ...resource, optional },
  "aws:s3/bucketPolicy:BucketPolicy": resource,
  "aws:s3/accessPoint:AccessPoint": { ...resource, optional },
  "aws:s3control/accessPointPolicy:AccessPointPolicy": resource,
  "aws:sns/topic:Topic": { ...resource, optional },
  "aws:sns/topicPolicy:TopicPolicy": resource,
  "aws:sqs/queue:Queue": { ...resource, optional },
  "aws:sqs/queuePolicy:QueuePolicy": resource,
  "aws:kms/key:Key": { ...key, optional },
  "aws:kms/externalKey:ExternalKey": { ...key, optional },
  "aws:kms/replicaKey:ReplicaKey": { ...key, optional },
  "aws:kms/replicaExternalKey:ReplicaExternalKey": { ...key, optional },
  "aws:kms/keyPolicy:KeyPolicy": key,
  "aws:secretsmanager/secret:Secret": { ...itself, optional },
  "aws:secretsmanager/secretPolicy:SecretPolicy": itself,
  "aws:ecr/repositoryPolicy:RepositoryPolicy": itself,
  "aws:ecr/registryPolicy:RegistryPolicy": resource,
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": resource,
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": { ...resource, property: "policyDocument" },
  "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": { ...resource, property: "accessPolicy" },
  "aws:dynamodb/resourcePolicy:ResourcePolicy": resource,
  "aws:kinesis/resourcePolicy:ResourcePolicy": resource,
  "aws:codebuild/resourcePolicy:ResourcePolicy": resource,
  "aws:lambda/resourcePolicy:ResourcePolicy": resource,
  "aws:efs/fileSystemPolicy:FileSystemPolicy": itself,
};

/** A document and where it stands. */
export interface JudgedDocument {
  readonly resource: Declared;
  /** Such as `policy` or `inlinePolicies[0].policy`. */
  readonly where: string;
  readonly kind: DocumentKind;
  readonly ofItself: boolean;
  readonly document: PolicyDocument;
}

/** What one statement allows. */
export interface Grant extends Omit<JudgedDocument, "document"> {
  readonly statement: Statement;
}

/** Every IAM document that a program declares. */
export function judgedDocuments(program: Program): JudgedDocument[] {
  return program.resources.flatMap((declared) => {
    const place = PLACES[declared.type];
    if (place === undefined) return [];
    const { property, kind, ofItself = false } = place;
    return [
      ...(isSet(declared, place)
        ? [
            {
              resource: declared,
              where: property,
              kind,
              ofItself,
              document: readDocument(documentOf(program, declared, property)),
            },
          ]
        : []),
      ...(declared.type === "aws:iam/role:Role" ? inlinePolicies(declared) : []),
    ];
  });
}

/** What the documents allow that can be read; `where` names the statement. Of the others `documents-can-be-read` tells. */
export function grants(program: Program): Grant[] {
  return judgedDocuments(program).flatMap(({ document, where, ...holder }) =>
    document.kind === "read"
      ? [...document.statements.entries()]
          .filter(([, { effect }]) => effect === "Allow")
          .map(([index, statement]) => ({ ...holder, where: `${where}, statement ${index + 1}`, statement }))
      : [],
  );
}

/** What is optional and unknown, but made from nothing, is AWS's own answer and not the program's. */
function isSet({ props, dependencies }: Declared, { property, optional: isOptional }: Omit<Place, "kind">): boolean {
  const value = props[property];
  if (isOptional !== true) return true;
  return value === UNKNOWN ? (dependencies[property] ?? []).length > 0 : value !== undefined && value !== "";
}

/** A role may carry its policies itself; an empty entry only says that there are no others. */
function inlinePolicies(role: Declared): JudgedDocument[] {
  const property = "inlinePolicies";
  if (!isSet(role, { property, optional })) return [];
  const judged = (where: string, value: unknown): JudgedDocument => ({
    resource: role,
    where,
    kind: "identity",
    ofItself: false,
    document: readDocument(value),
  });
  const listed = role.props[property];
  if (!Array.isArray(listed)) return [judged(property, listed)];
  return listed.flatMap((entry: unknown, index) => {
    const value = typeof entry === "object" && entry !== null ? (entry as { policy?: unknown }).policy : entry;
    return value === undefined ? [] : [judged(`${property}[${index}].policy`, value)];
  });
}
