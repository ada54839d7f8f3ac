import { describe, expect, test } from "@jest/globals";
import { policyDocument } from "../../../../local/provider/policyDocument";

const rendered = (args: Parameters<typeof policyDocument>[0]): unknown =>
  JSON.parse(policyDocument(args)["json"] as string);

describe("getPolicyDocument", () => {
  test("renders statements as IAM writes them", () => {
    expect(
      rendered({
        statements: [
          {
            sid: "One",
            actions: ["s3:PutObject", "s3:GetObject"],
            resources: ["*"],
            principals: [
              { type: "AWS", identifiers: ["a"] },
              { type: "Service", identifiers: ["x", "b"] },
              { type: "AWS", identifiers: ["c"] },
            ],
            conditions: [
              { test: "StringEquals", variable: "aws:PrincipalTag/a", values: ["1"] },
              { test: "StringEquals", variable: "aws:PrincipalTag/b", values: ["2", "3"] },
              { test: "Bool", variable: "aws:SecureTransport", values: ["true"] },
            ],
          },
          {
            effect: "Deny",
            notActions: ["iam:*"],
            notResources: ["r"],
            notPrincipals: [{ type: "*", identifiers: ["*"] }],
          },
        ],
      }),
    ).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "One",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:PutObject"],
          Resource: "*",
          Principal: { AWS: ["a", "c"], Service: ["b", "x"] },
          Condition: {
            StringEquals: { "aws:PrincipalTag/a": "1", "aws:PrincipalTag/b": ["2", "3"] },
            Bool: { "aws:SecureTransport": "true" },
          },
        },
        { Effect: "Deny", NotAction: "iam:*", NotResource: "r", NotPrincipal: "*" },
      ],
    });
  });

  test("an argument that is not served is named", () => {
    expect(() => policyDocument({ sourceJson: "{}" })).toThrow("sourceJson");
  });
});
