import type { S3Client } from "@aws-sdk/client-s3";
import { type CurrentPointer, parseCurrentPointer, renderCurrentPointer, samePointer } from "./domain";
import { getObject, putObject } from "./objects";
import type { FlipOutcome, PointerSnapshot, ReleasePointer } from "./ports";

const KEY = "current.json";
/** Two conditional writes at once may both be turned away without either having landed. */
const FLIP_ATTEMPTS = 3;

/** `current.json` in the environment's artifacts bucket. Reading it before the first flip needs `s3:ListBucket` there. */
export function s3ReleasePointer(client: S3Client, bucket: string): ReleasePointer {
  async function readCurrent(): Promise<PointerSnapshot> {
    const found = await getObject(client, bucket, KEY);
    if (found === undefined) return { current: undefined, etag: undefined };
    const current = parseCurrentPointer(Buffer.from(found.body).toString("utf8"), `s3://${bucket}/${KEY}`);
    return { current, etag: found.etag };
  }

  return {
    readCurrent,

    async flip(expected: PointerSnapshot, next: CurrentPointer): Promise<FlipOutcome> {
      if (expected.current !== undefined && samePointer(expected.current, next)) return { kind: "unchanged" };
      const object = { Bucket: bucket, Key: KEY, Body: renderCurrentPointer(next), ContentType: "application/json" };
      const condition = expected.etag === undefined ? "absent" : { etag: expected.etag };

      let found = expected;
      for (let attempt = 0; attempt < FLIP_ATTEMPTS; attempt++) {
        if ((await putObject(client, object, condition)) === "written") return { kind: "flipped" };
        found = await readCurrent();
        // The answer to our own earlier write was lost.
        if (found.current !== undefined && samePointer(found.current, next)) return { kind: "flipped" };
        if (found.etag !== expected.etag) break;
      }
      return { kind: "lost", current: found.current };
    },
  };
}
