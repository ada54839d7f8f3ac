import { isEveryAction } from "../actions";
import { grants } from "../judgedDocuments";
import { type Program } from "../program";
import { type Rule, type Violation } from "../rule";
import { UNKNOWN } from "../values";

const POLICY = "aws:iam/rolePolicy:RolePolicy";
const KEYS = ["aws:kms/key:Key", "aws:kms/externalKey:ExternalKey"];

/**
 * The half of the seed's rule that is about actions. Patterns within a service, such as `s3:Get*`, stay allowed, as they
 * were there.
 *
 * Key policies are no exception. AWS's default one allows `kms:*` to the account so that IAM policies may grant it; a list
 * of what applies to the kind of key does the same, and with PutKeyPolicy in it the key stays mendable. A key that is
 * declared without a policy gets the default, so that is a violation, too: before the update, not after it.
 */
export const permissionsNameActions: Rule = {
  name: "permissions-name-actions",
  sentence: "No statement allows every action, of all services or of one.",
  harm: "Who has every action has those, too, that nobody thought of, and those that AWS adds tomorrow.",
  replaces: "iam_no_wildcard",
  judge: (program) => [
    ...grants(program).flatMap(({ resource, where, statement }) => [
      ...(statement.notActions.length > 0
        ? [
            {
              resource,
              message: `list in ${where} the actions that are needed instead of NotAction, which allows all others`,
            },
          ]
        : []),
      ...(statement.actions.some(isEveryAction)
        ? [{ resource, message: `list in ${where} the actions that are needed instead of "*" or "service:*"` }]
        : []),
    ]),
    ...keysWithoutPolicy(program),
  ],
  examples: {
    passing: [
      {
        type: POLICY,
        name: "reader",
        props: { policy: allow({ Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::reports/*"] }) },
      },
    ],
    failing: [
      {
        type: POLICY,
        name: "reader",
        props: { policy: allow({ Action: ["s3:*"], Resource: ["arn:aws:s3:::reports/*"] }) },
      },
    ],
  },
};

function keysWithoutPolicy(program: Program): Violation[] {
  return program
    .ofType(...KEYS)
    .filter(({ props, dependencies: { policy: from = [] } }) =>
      props["policy"] === UNKNOWN ? from.length === 0 : props["policy"] === undefined,
    )
    .filter((key) => program.companions(key, "aws:kms/keyPolicy:KeyPolicy", "keyId").length === 0)
    .map((key) => ({
      resource: key,
      message: "set policy, with a list of what the account may allow: without one AWS makes it kms:*",
    }));
}

function allow(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}
