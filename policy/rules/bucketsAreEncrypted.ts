import { bucketsOf, settingsOf } from "../buckets";
import { type Declared } from "../program";
import { type Rule } from "../rule";
import { at, judgeEach, listOf, notKnown, unlessDeclared } from "../settings";
import { UNKNOWN } from "../values";

const ALGORITHMS: readonly unknown[] = ["aws:kms", "aws:kms:dsse", "AES256"];
const HOW = "to aws:kms or AES256";
const ALGORITHM = "applyServerSideEncryptionByDefault.sseAlgorithm";

const bucket = { type: "aws:s3/bucket:Bucket", name: "reports", props: { bucket: "kiro-reports-000000000000" } };

export const bucketsAreEncrypted: Rule = {
  name: "buckets-are-encrypted",
  sentence: "Every bucket has its encryption declared in the program, with a KMS key or AES256.",
  harm: "Whoever gets at the stored bytes can read them.",
  replaces: "s3_bucket_encryption",
  judge: (program) =>
    judgeEach(bucketsOf(program), (one) =>
      unlessDeclared(
        settingsOf(program, one, "encryption"),
        `an aws.s3.BucketServerSideEncryptionConfiguration of this bucket with sseAlgorithm set ${HOW}`,
        faults,
      ),
    ),
  examples: {
    passing: [
      bucket,
      {
        type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        name: "reports-encryption",
        props: { bucket: UNKNOWN, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } }] },
        uses: { bucket: ["reports"] },
      },
    ],
    failing: [bucket],
  },
};

function faults({ name, props }: Declared): string[] {
  const rules = listOf(props["rules"]) ?? [undefined];
  return rules
    .map((rule) => (props["rules"] === UNKNOWN ? UNKNOWN : at(rule, ALGORITHM)))
    .filter((algorithm) => !ALGORITHMS.includes(algorithm))
    .map((algorithm) =>
      algorithm === UNKNOWN
        ? notKnown(`sseAlgorithm in ${name}`, `set it ${HOW}`, "what encrypts the bucket must be seen")
        : `set rules[].${ALGORITHM} in ${name} ${HOW}`,
    );
}
