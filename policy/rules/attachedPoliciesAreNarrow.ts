import { type Declared } from "../program";
import { type Rule } from "../rule";

const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

/** Where policies are attached that are not declared beside it. */
const PROPERTIES: Readonly<Record<string, string>> = {
  [ATTACHMENT]: "policyArn",
  "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
  "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
  "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
  "aws:iam/role:Role": "managedPolicyArns",
  "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
  "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
};

/**
 * AWS's own policies whose names say that they allow all of a service, or of all services. Their documents are nowhere in
 * a program; those of the program's own policies are judged where they are declared.
 */
const WIDE = /^arn:[^:]+:iam::aws:policy\/.*(?:Admin(?:istrator)?Access|PowerUserAccess|FullAccess)/;

/** What `permissions-name-actions` asks of documents, asked of policies that come from AWS. */
export const attachedPoliciesAreNarrow: Rule = {
  name: "attached-policies-are-narrow",
  sentence: "No policy of AWS's own that allows all of a service is attached.",
  harm: "It has every action of a service on everything, and AWS adds to it as it likes.",
  replaces: "iam_no_wildcard",
  judge: (program) =>
    program.resources.flatMap((resource) => {
      const property = PROPERTIES[resource.type];
      if (property === undefined || !attached(resource, property).some((arn) => WIDE.test(arn))) return [];
      return [{ resource, message: `give ${property} a policy that lists the actions and resources that are needed` }];
    }),
  examples: {
    passing: [
      {
        type: ATTACHMENT,
        name: "basics",
        props: { role: "worker", policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole" },
      },
    ],
    failing: [
      {
        type: ATTACHMENT,
        name: "everything",
        props: { role: "worker", policyArn: "arn:aws:iam::aws:policy/AdministratorAccess" },
      },
    ],
  },
};

/** An unknown ARN is a policy's of this program: AWS's own have names. */
function attached({ props }: Declared, property: string): string[] {
  return [props[property]].flat().filter((arn) => typeof arn === "string");
}
