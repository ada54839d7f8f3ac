import { bucketsOf, settingsOf } from "../buckets";
import { documentOf } from "../declaredDocuments";
import { readDocument } from "../documents";
import { refusesPlainHttp } from "../plainHttp";
import { type Declared, type Program } from "../program";
import { type Rule } from "../rule";
import { judgeEach, unlessDeclared } from "../settings";
import { UNKNOWN } from "../values";

const NAME = "kiro-reports-000000000000";
const HOW = 'that denies s3:* to "*" on the bucket and its objects where aws:SecureTransport is false';

const bucket = { type: "aws:s3/bucket:Bucket", name: "reports", props: { bucket: NAME } };
const policyFor = (...resources: readonly string[]) => ({
  type: "aws:s3/bucketPolicy:BucketPolicy",
  name: "reports-policy",
  props: {
    bucket: UNKNOWN,
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "RefusePlainHttp",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: resources,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ],
    }),
  },
  uses: { bucket: ["reports"] },
});

export const bucketsTakeTlsOnly: Rule = {
  name: "buckets-take-tls-only",
  sentence: "Every bucket's policy refuses plain HTTP, for the bucket and for its objects.",
  harm: "Over plain HTTP, objects and signatures can be read on the way.",
  judge: (program) =>
    judgeEach(bucketsOf(program), (one) =>
      unlessDeclared(settingsOf(program, one, "policy"), `an aws.s3.BucketPolicy of this bucket ${HOW}`, (policy) =>
        faults(program, one, policy),
      ),
    ),
  examples: {
    passing: [bucket, policyFor(`arn:aws:s3:::${NAME}`, `arn:aws:s3:::${NAME}/*`)],
    failing: [bucket, policyFor(`arn:aws:s3:::${NAME}/*`)],
  },
};

function faults(program: Program, bucket: Declared, policy: Declared): string[] {
  const document = readDocument(documentOf(program, policy, "policy"));
  // What nobody can read is refused by documents-can-be-read.
  if (document.kind !== "read") return [];
  const refused = refusesPlainHttp(document.statements, {
    action: "s3:*",
    name: bucket.props["bucket"],
    parts: ["", "/*"],
    named: (resource) => resource.replace(/^arn:[^:]*:s3:::/, ""),
    unknownIsOwn: policy.dependencies["policy"]?.includes(bucket.urn) === true,
  });
  return refused ? [] : [`give ${policy.name} a statement ${HOW}`];
}
