import { describe, expect, it } from "@jest/globals";
import { permissionsNameActions as rule } from "../../../../policy/rules/permissionsNameActions";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";
import { allowing, bucketPolicy, key, rights, secretPolicy, trust } from "../support/statements";

const Resource = "arn:aws:s3:::reports/*";
const EVERY = 'own: list in policy, statement 1 the actions that are needed instead of "*" or "service:*"';
const told = (statement: object): string[] => judged(rule, [rights(allowing({ Resource, ...statement }))]);

describe("permissions name actions", () => {
  it.each(["s3:GetObject", "s3:Get*", "s3:*Object", "s3:G?tObject", ["s3:GetObject", "sqs:SendMessage"]])(
    "allows %j, as the seed's rule did",
    (Action) => {
      expect(told({ Action })).toEqual([]);
    },
  );

  it.each(["*", "s3:*", "S3:*", "s3:**", "s3:?*", "*:*", "*:GetObject", "**", ["s3:GetObject", "kms:*"]])(
    "refuses %j",
    (Action) => {
      expect(told({ Action })).toEqual([EVERY]);
    },
  );

  it("refuses NotAction, which allows all others", () => {
    expect(told({ NotAction: ["iam:*"] })).toEqual([
      "own: list in policy, statement 1 the actions that are needed instead of NotAction, which allows all others",
    ]);
  });

  it("tells of each statement once, under its number, and of no Deny", () => {
    const document = allowing(
      { Action: "s3:GetObject", Resource },
      { Effect: "Deny", Action: "*", Resource: "*" },
      { Effect: "Deny", NotAction: "s3:*", Resource: "*" },
      { Action: ["s3:*", "kms:*"], Resource },
    );
    expect(judged(rule, [rights(document)])).toEqual([EVERY.replace("statement 1", "statement 4")]);
  });

  it.each([
    ["trust policies", trust, "assumeRolePolicy"],
    ["bucket policies", bucketPolicy, "policy"],
    ["key policies, the account's own statement as well", key, "policy"],
    ["policies of secrets", secretPolicy, "policy"],
  ])("applies to %s", (_, holding, where) => {
    const Principal = { AWS: "arn:aws:iam::111122223333:root" };
    expect(judged(rule, [holding(allowing({ Principal, Action: "kms:*", Resource: "*" }))])).toEqual([
      EVERY.replace("policy", where),
    ]);
  });

  it("refuses a key that leaves its policy to AWS, before AWS answers", () => {
    const without = "own: set policy, with a list of what the account may allow: without one AWS makes it kms:*";
    expect(judged(rule, [key(undefined)])).toEqual([without]);
    expect(judged(rule, [key(UNKNOWN)])).toEqual([without]);
    expect(judged(rule, [{ ...key(UNKNOWN), type: "aws:kms/externalKey:ExternalKey" }])).toEqual([without]);
  });

  it("takes a key whose policy is a resource of its own, or is made from something", () => {
    const own = {
      type: "aws:kms/keyPolicy:KeyPolicy",
      name: "own-policy",
      props: { keyId: UNKNOWN, policy: allowing() },
    };
    expect(judged(rule, [key(UNKNOWN), { ...own, uses: { keyId: ["own"] } }])).toEqual([]);
    const role = { type: "aws:iam/role:Role", name: "admin", props: {} };
    expect(judged(rule, [role, { ...key(UNKNOWN), uses: { policy: ["admin"] } }])).toEqual([]);
  });

  it("leaves what cannot be read to the rule about that, and other things alone", () => {
    expect(judged(rule, [rights(UNKNOWN), { ...rights("{}"), name: "other" }])).toEqual([]);
    expect(judged(rule, [{ type: "aws:iam/instanceProfile:InstanceProfile", name: "own", props: {} }])).toEqual([]);
  });

  it("is shown by its examples", () => {
    expect(judged(rule, rule.examples.passing)).toEqual([]);
    expect(judged(rule, rule.examples.failing)).toEqual([EVERY.replace("own", "reader")]);
  });
});
