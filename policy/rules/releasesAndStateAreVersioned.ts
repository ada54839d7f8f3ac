import { bucketsOf, settingsOf } from "../buckets";
import { type Declared } from "../program";
import { type Rule } from "../rule";
import { at, isText, judgeEach, notKnown, unlessDeclared } from "../settings";
import { UNKNOWN } from "../values";

/** What such a bucket is called, as one word of its name. */
const WORDS = /^(releases?|states?|backends?)$/i;
const STATUS = "versioningConfiguration.status";

const bucket = { type: "aws:s3/bucket:Bucket", name: "releases", props: { bucket: "kiro-releases-000000000000" } };
const versioning = {
  type: "aws:s3/bucketVersioning:BucketVersioning",
  name: "releases-versioning",
  uses: { bucket: ["releases"] },
};

/** Other buckets may hold what can be made again. */
export const releasesAndStateAreVersioned: Rule = {
  name: "releases-and-state-are-versioned",
  sentence: "Buckets with releases, state or backend as a word of their name keep old versions.",
  harm: "One overwritten object, and there is no way back to a release or to a stack's state.",
  judge: (program) =>
    judgeEach(bucketsOf(program).filter(isIrreplaceable), (one) =>
      unlessDeclared(
        settingsOf(program, one, "versioning"),
        `an aws.s3.BucketVersioning of this bucket with ${STATUS} set to Enabled`,
        faults,
      ),
    ),
  examples: {
    passing: [
      bucket,
      { ...versioning, props: { bucket: UNKNOWN, versioningConfiguration: { status: "Enabled" } } },
      { ...bucket, name: "reports", props: { bucket: "kiro-reports-000000000000" } },
    ],
    failing: [bucket, { ...versioning, props: { bucket: UNKNOWN, versioningConfiguration: { status: "Suspended" } } }],
  },
};

const isIrreplaceable = ({ name, props }: Declared): boolean =>
  [name, props["bucket"], props["bucketPrefix"]]
    .filter(isText)
    .flatMap(wordsOf)
    .some((word) => WORDS.test(word));

const wordsOf = (name: string): string[] => name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/);

function faults({ name, props }: Declared): string[] {
  const status = at(props, STATUS);
  if (status === "Enabled") return [];
  return status === UNKNOWN
    ? [notKnown(`${STATUS} in ${name}`, "write Enabled itself", "whether old versions stay must be seen")]
    : [`set ${STATUS} in ${name} to Enabled`];
}
