import { describe, expect, it } from "@jest/globals";
import { nobodyIsEverybody as rule } from "../../../../policy/rules/nobodyIsEverybody";
import { UNKNOWN } from "../../../../policy/values";
import { judged } from "../support/judge";
import { allowing, bucketPolicy, key, rights, trust } from "../support/statements";

const everybody = (where = "policy"): string =>
  `own: name in ${where}, statement 1 the principals that are meant instead of "*", or add a condition such as aws:PrincipalOrgID`;
const reads = { Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*" };
const told = (statement: object): string[] => judged(rule, [bucketPolicy(allowing({ ...reads, ...statement }))]);

describe("nobody is everybody", () => {
  it.each(["*", { AWS: "*" }, { AWS: ["arn:aws:iam::111122223333:root", "*"] }])("refuses %j", (Principal) => {
    expect(told({ Principal })).toEqual([everybody()]);
  });

  it("takes named principals", () => {
    expect(told({ Principal: { AWS: "arn:aws:iam::111122223333:role/reader" } })).toEqual([]);
    expect(told({ Principal: { Service: "events.amazonaws.com" } })).toEqual([]);
  });

  it.each([
    { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
    { StringEquals: { "AWS:SourceOwner": "111122223333" } },
    { StringEquals: { "aws:SourceVpce": "vpce-1" } },
    { StringEquals: { "kms:CallerAccount": "111122223333" } },
    { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/*" } },
  ])("takes everybody of %j", (Condition) => {
    expect(told({ Principal: "*", Condition })).toEqual([]);
  });

  it.each([
    { Bool: { "aws:SecureTransport": "true" } },
    { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } },
    { StringEqualsIfExists: { "aws:PrincipalOrgID": "o-1" } },
    { "ForAllValues:StringEquals": { "aws:PrincipalOrgID": "o-1" } },
    { StringNotEquals: { "aws:PrincipalOrgID": "o-1" } },
    { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/reader" } },
  ])("refuses everybody with %j, which says not who", (Condition) => {
    expect(told({ Principal: "*", Condition })).toEqual([everybody()]);
  });

  it("refuses NotPrincipal, whatever the condition", () => {
    expect(
      told({
        NotPrincipal: { AWS: "arn:aws:iam::111122223333:root" },
        Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
      }),
    ).toEqual([
      "own: name in policy, statement 1 the principals that are meant instead of NotPrincipal, which allows all others",
    ]);
  });

  it.each([UNKNOWN, { AWS: UNKNOWN }])("refuses principals that only the update will know", (Principal) => {
    expect(judged(rule, [bucketPolicy({ Statement: { Effect: "Allow", ...reads, Principal } })])).toEqual([
      "own: make the principals in policy, statement 1 from names: which they are is not known before the update",
    ]);
  });

  it("applies to roles and keys", () => {
    expect(judged(rule, [trust(allowing({ Principal: "*", Action: "sts:AssumeRole" }))])).toEqual([
      everybody("assumeRolePolicy"),
    ]);
    expect(judged(rule, [key(allowing({ Principal: "*", Action: "kms:Decrypt", Resource: "*" }))])).toEqual([
      everybody(),
    ]);
  });

  it("does not apply to Deny, to identity policies, or to what is not read", () => {
    expect(told({ Effect: "Deny", Principal: "*" })).toEqual([]);
    expect(judged(rule, [rights(allowing(reads)), { ...bucketPolicy(UNKNOWN), name: "other" }])).toEqual([]);
  });

  it("is shown by its examples", () => {
    expect(judged(rule, rule.examples.passing)).toEqual([]);
    expect(judged(rule, rule.examples.failing)).toEqual([everybody().replace("own", "reports")]);
  });
});
