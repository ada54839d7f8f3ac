import { isName } from "../conditions";
import { type Declared } from "../program";
import { type Rule } from "../rule";

const PERMISSION = "aws:lambda/permission:Permission";

/** A Lambda permission is a statement of the function's policy, written in parts. */
export const invocationsNameTheirSource: Rule = {
  name: "invocations-name-their-source",
  sentence: "A service that may invoke a function may do so for a named source.",
  harm: "Any account's rule, topic or bucket could run the function with a message of its own.",
  judge: (program) =>
    program
      .ofType(PERMISSION)
      .filter(
        (permission) => mayBeForAnybody(permission) && !SOURCES.some((property) => isName(permission.props[property])),
      )
      .map((resource) => ({
        resource,
        message: "set sourceArn, or sourceAccount, to whom the principal may invoke the function for",
      })),
  examples: {
    passing: [
      {
        type: PERMISSION,
        name: "tick",
        props: { ...invocation(), sourceArn: "arn:aws:events:eu-west-1:111122223333:rule/tick" },
      },
    ],
    failing: [{ type: PERMISSION, name: "tick", props: invocation() }],
  },
};

/** None of these gets a value from AWS: an unknown one is what another resource will be called. */
const SOURCES = ["sourceArn", "sourceAccount", "principalOrgId"];

/** An account, or a role of one, is a source itself; a principal that is not known yet may be anybody. */
function mayBeForAnybody({ props: { principal } }: Declared): boolean {
  return typeof principal !== "string" || principal === "*" || principal.endsWith(".amazonaws.com");
}

function invocation() {
  return { function: "rollback", action: "lambda:InvokeFunction", principal: "events.amazonaws.com" };
}
