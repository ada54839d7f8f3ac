import { type Narrowing, narrowedTo } from "../conditions";
import { type Grant, grants } from "../judgedDocuments";
import { type Rule } from "../rule";
import { UNKNOWN } from "../values";

const POLICY = "aws:s3/bucketPolicy:BucketPolicy";

/**
 * Keys that say who comes, or from where: those with which S3 no longer calls a bucket public (S3 user guide, "The meaning
 * of public"), and KMS's own. Addresses are not among them: they say nothing about who.
 */
const WHO: Narrowing = {
  keys: /^(?:aws:(?:principal(?:account|arn|orgid|orgpaths)|source(?:account|arn|orgid|orgpaths|owner|vpc|vpce))|kms:calleraccount|s3:dataaccesspoint(?:account|arn))$/,
  mayBeAbsent: false,
};

/** `Principal: "*"` is the world, anonymous callers included. */
export const nobodyIsEverybody: Rule = {
  name: "nobody-is-everybody",
  sentence: "No statement allows anything to everybody.",
  harm: "Everybody is everybody: any account, and callers with no account at all.",
  judge: (program) =>
    grants(program).flatMap((grant) => {
      const fault = faultOf(grant);
      return fault === undefined ? [] : [{ resource: grant.resource, message: fault }];
    }),
  examples: {
    passing: [
      { type: POLICY, name: "reports", props: { policy: readable({ AWS: "arn:aws:iam::111122223333:root" }) } },
    ],
    failing: [{ type: POLICY, name: "reports", props: { policy: readable("*") } }],
  },
};

function faultOf({ where, statement: { principals, notPrincipals, condition } }: Grant): string | undefined {
  if (notPrincipals.length > 0)
    return `name in ${where} the principals that are meant instead of NotPrincipal, which allows all others`;
  if (narrowedTo(condition, WHO)) return undefined;
  if (principals.includes(UNKNOWN))
    return `make the principals in ${where} from names: which they are is not known before the update`;
  if (principals.includes("*"))
    return `name in ${where} the principals that are meant instead of "*", or add a condition such as aws:PrincipalOrgID`;
  return undefined;
}

function readable(principal: unknown): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*" }],
  });
}
