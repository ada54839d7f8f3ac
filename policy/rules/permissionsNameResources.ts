import { isEveryResource, takesResources } from "../actions";
import { type Grant, grants } from "../judgedDocuments";
import { type Rule } from "../rule";
import { UNKNOWN } from "../values";

const POLICY = "aws:iam/rolePolicy:RolePolicy";

/**
 * The half of the seed's rule that is about resources. Patterns within a service, such as `arn:aws:s3:::reports/*`, stay
 * allowed, as they were there; so does `"*"` where AWS knows no resources (policy/actions.ts), and where it means what
 * carries the document and nothing else, as in the policy of a key.
 *
 * An unknown resource is an ARN that the update will know: what is `"*"` is known before.
 */
export const permissionsNameResources: Rule = {
  name: "permissions-name-resources",
  sentence: "A statement that allows actions on resources names the resources.",
  harm: "A right on everything reaches what other teams keep, and whatever is made tomorrow.",
  replaces: "iam_no_wildcard",
  judge: (program) =>
    grants(program).flatMap((grant) => {
      const fault = faultOf(grant);
      return fault === undefined ? [] : [{ resource: grant.resource, message: fault }];
    }),
  examples: {
    passing: [
      { type: POLICY, name: "reader", props: { policy: allow(["s3:GetObject"], ["arn:aws:s3:::reports/*"]) } },
      { type: POLICY, name: "publisher", props: { policy: allow(["cloudwatch:PutMetricData"], ["*"]) } },
    ],
    failing: [{ type: POLICY, name: "reader", props: { policy: allow(["s3:GetObject"], ["*"]) } }],
  },
};

function faultOf({ where, ofItself, statement }: Grant): string | undefined {
  const { actions, resources, notResources } = statement;
  if (notResources.length > 0)
    return `name in ${where} the ARNs that are needed instead of NotResource, which allows all others`;
  const named = resources.length > 0 && resources.every((one) => one === UNKNOWN || !isEveryResource(one));
  if (named || ofItself) return undefined;
  const numbers = actions.flatMap((action, index) => (takesResources(action) ? [index + 1] : []));
  if (numbers.length === 0 && actions.length > 0) return undefined;
  const which = numbers.length === 0 ? "its actions" : `action ${numbers.join(", ")} of it`;
  return `name in ${where} the ARNs that are needed instead of "*": AWS takes them for ${which}`;
}

function allow(actions: readonly string[], resources: readonly string[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: actions, Resource: resources }],
  });
}
