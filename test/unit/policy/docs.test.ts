import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { policiesPage } from "../../../policy/docs";
import { codeOf } from "../../../policy/exampleCode";
import { type Example } from "../../../policy/rule";
import { RULES } from "../../../policy/rules";
import { UNKNOWN } from "../../../policy/values";

const QUEUE = "aws:sqs/queue:Queue";

describe("docs/policies.md", () => {
  test("is what the rules say (node scripts/policyDocs.mjs writes it)", () => {
    expect(readFileSync(join(__dirname, "../../../docs/policies.md"), "utf8")).toBe(policiesPage());
  });

  test("says for each rule of the cfn-guard file what keeps its promise", () => {
    const [, table = ""] = /## Parity with cfn-guard\n\n([^]*?)\n\n/.exec(policiesPage()) ?? [];
    expect([...table.matchAll(/^\| `(\w+)` /gm)].map(([, guard]) => guard)).toEqual([
      "s3_bucket_encryption",
      "s3_bucket_public_access",
      "dynamodb_encryption",
      "lambda_dlq",
      "iam_no_wildcard",
    ]);
  });

  test("has for each rule a section with both examples and one refusal", () => {
    const sections = policiesPage().split("\n### ").slice(1);
    expect(sections.map((section) => section.split("\n")[0])).toEqual(RULES.map(({ name }) => name));
    for (const section of sections) {
      expect(section.match(/^```ts$/gm)).toHaveLength(2);
      expect(section.match(/^> \*\*/gm)).toHaveLength(1);
    }
  });
});

describe("the code of an example", () => {
  test("declares resources, and names those that another is made from", () => {
    const examples: Example[] = [
      { type: "aws:s3/bucket:Bucket", name: "my-reports", props: {} },
      { type: "aws:s3/bucketPolicy:BucketPolicy", name: "p", props: { bucket: UNKNOWN, policy: UNKNOWN } },
      { type: QUEUE, name: "jobs", props: { tags: { "a:b": 1, list: [UNKNOWN, true, null] } } },
    ];
    const uses = [{}, { bucket: ["my-reports"], policy: ["my-reports"] }, { tags: ["my-reports"] }];
    expect(codeOf(examples.map((example, index) => ({ ...example, uses: uses[index] ?? {} })))).toBe(
      [
        'const myReports = new aws.s3.Bucket("my-reports", {});',
        'new aws.s3.BucketPolicy("p", { bucket: myReports.id, policy: pulumi.interpolate`{ … ${myReports.arn} … }` });',
        'new aws.sqs.Queue("jobs", { tags: { "a:b": 1, list: [myReports.arn, true, null] } });',
      ].join("\n"),
    );
  });

  test("shows a document as what it is made from, and breaks long lines", () => {
    const policy = JSON.stringify({ Statement: [{ Action: ["a".repeat(60), "b".repeat(60)] }] });
    expect(codeOf([{ type: QUEUE, name: "jobs", props: { policy } }])).toBe(
      [
        'new aws.sqs.Queue("jobs", {',
        "  policy: JSON.stringify({",
        "    Statement: [",
        "      {",
        "        Action: [",
        `          "${"a".repeat(60)}",`,
        `          "${"b".repeat(60)}",`,
        "        ],",
        "      },",
        "    ],",
        "  }),",
        "});",
      ].join("\n"),
    );
  });

  test("cannot be made of what is no resource of AWS, or unknown for no reason", () => {
    expect(() => codeOf([{ type: "kiro:pipeline:DataBucket", name: "a", props: {} }])).toThrow(
      "kiro:pipeline:DataBucket is no resource of @pulumi/aws",
    );
    expect(() => codeOf([{ type: QUEUE, name: "a", props: { name: UNKNOWN } }])).toThrow(
      "the example does not say what it is made from",
    );
  });
});
