import { type Narrowing, narrowedTo } from "../conditions";
import { type DocumentKind, type Grant, grants } from "../judgedDocuments";
import { type Rule } from "../rule";

const ROLE = "aws:iam/role:Role";

/**
 * Services of which AWS nowhere promises that they say for whom they take a role; PassRole, in the role's own account, is
 * what guards it there. Of all others the condition is asked: the IAM user guide ("The confused deputy problem")
 * recommends it for every service, and most say in guides of their own that they send the keys.
 */
const TAKE_ROLES_IN_SILENCE = [
  "Service:ec2.amazonaws.com",
  "Service:edgelambda.amazonaws.com",
  "Service:lambda.amazonaws.com",
];

/** Some services promise the keys and some clouds do not send them, hence IfExists will do. */
const SOURCE: Narrowing = { keys: /^aws:source(?:account|arn|orgid|orgpaths)$/, mayBeAbsent: true };

/** What a key encrypts is bound to a thing by its context; EventBridge and CloudWatch Logs offer nothing else for keys. */
const CONTEXT: Narrowing = { keys: /^kms:encryptioncontext:/, mayBeAbsent: false };

/** Whoever can make a service act could borrow what the service may do, were it not bound to whom it acts for. */
export const servicesAreTrustedForASource: Rule = {
  name: "services-are-trusted-for-a-source",
  sentence: "An AWS service is let in on behalf of a named account or resource.",
  harm: "Anybody in any account who can make the service act could act here through it.",
  judge: (program) =>
    grants(program)
      .filter(isForAnybody)
      .map(({ resource, where, kind }) => ({ resource, message: `add to ${where} ${WANTED[kind]}` })),
  examples: {
    passing: [
      {
        type: ROLE,
        name: "builds",
        props: { assumeRolePolicy: trust({ StringEquals: { "aws:SourceAccount": "111122223333" } }) },
      },
    ],
    failing: [{ type: ROLE, name: "builds", props: { assumeRolePolicy: trust(undefined) } }],
  },
};

const CONDITION = "a condition on aws:SourceAccount or aws:SourceArn that names for whom the service acts";

const WANTED: Readonly<Record<DocumentKind, string>> = {
  identity: CONDITION,
  trust: CONDITION,
  resource: CONDITION,
  key: `${CONDITION}, or one on kms:EncryptionContext that names what it encrypts`,
};

function isForAnybody({ kind, statement: { principals, condition } }: Grant): boolean {
  const services = principals.filter((one) => typeof one === "string" && one.startsWith("Service:"));
  const speaking = kind === "trust" ? services.filter((one) => !TAKE_ROLES_IN_SILENCE.includes(String(one))) : services;
  if (speaking.length === 0 || narrowedTo(condition, SOURCE)) return false;
  return kind !== "key" || !narrowedTo(condition, CONTEXT);
}

function trust(condition: object | undefined): string {
  const statement = { Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ ...statement, Condition: condition }] });
}
