import { describe, expect, it } from "@jest/globals";
import { attachedPoliciesAreNarrow as rule } from "../../../../policy/rules/attachedPoliciesAreNarrow";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";

const aws = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
const PLACES: readonly (readonly [string, string, (arn: unknown) => unknown])[] = [
  ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn", (arn) => arn],
  ["aws:iam/userPolicyAttachment:UserPolicyAttachment", "policyArn", (arn) => arn],
  ["aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "policyArn", (arn) => arn],
  ["aws:iam/policyAttachment:PolicyAttachment", "policyArn", (arn) => arn],
  ["aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment", "managedPolicyArn", (arn) => arn],
  ["aws:iam/role:Role", "managedPolicyArns", (arn) => [aws("ReadOnlyAccess"), arn]],
  ["aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "policyArns", (arn) => [arn]],
];

describe("attached policies are narrow", () => {
  it.each(PLACES)("in %s.%s", (type, property, as) => {
    const told = (arn: unknown): string[] => judged(rule, [{ type, name: "own", props: { [property]: as(arn) } }]);
    for (const name of ["AdministratorAccess", "PowerUserAccess", "AmazonS3FullAccess", "AWSCodeBuildAdminAccess"])
      expect(told(aws(name))).toEqual([
        `own: give ${property} a policy that lists the actions and resources that are needed`,
      ]);
    expect(told(aws("service-role/AWSLambdaBasicExecutionRole"))).toEqual([]);
    expect(told("arn:aws:iam::111122223333:policy/FullAccess")).toEqual([]);
    expect(told(UNKNOWN)).toEqual([]);
  });

  it("does not apply where nothing is attached, nor to other types", () => {
    expect(judged(rule, [{ type: "aws:iam/role:Role", name: "own", props: {} }])).toEqual([]);
    expect(judged(rule, [{ type: "aws:iam/role:Role", name: "own", props: { managedPolicyArns: UNKNOWN } }])).toEqual(
      [],
    );
    const policyArn = aws("AdministratorAccess");
    expect(judged(rule, [{ type: "acme:index:Attachment", name: "own", props: { policyArn } }])).toEqual([]);
  });

  it("is shown by its examples", () => {
    expect(judged(rule, rule.examples.passing)).toEqual([]);
    expect(judged(rule, rule.examples.failing)).toHaveLength(1);
  });
});
