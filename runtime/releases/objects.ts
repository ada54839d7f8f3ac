import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from "@aws-sdk/client-s3";

export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
}

/** What a conditional put was made on: nothing there yet, or exactly this content. */
export type Expected = { readonly etag: string } | "absent";

/** `"absent"` needs `s3:ListBucket`: without it S3 answers AccessDenied for what is not there. */
export async function getObject(client: S3Client, Bucket: string, Key: string): Promise<StoredObject | undefined> {
  try {
    const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket, Key }));
    if (Body === undefined || ETag === undefined) throw new Error(`S3 gave no content for ${Key}`);
    return { body: await Body.transformToByteArray(), etag: ETag };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** `"lost"`: something else is there by now. 409 is S3's word for two conditional writes at once. */
export async function putObject(
  client: S3Client,
  object: {
    readonly Bucket: string;
    readonly Key: string;
    readonly Body: string | Uint8Array;
    readonly ContentType: string;
  },
  expected: Expected,
): Promise<"written" | "lost"> {
  const condition = expected === "absent" ? { IfNoneMatch: "*" } : { IfMatch: expected.etag };
  try {
    await client.send(new PutObjectCommand({ ...object, ...condition }));
    return "written";
  } catch (error) {
    const status = statusOf(error);
    const gone = status === 404 && errorName(error) === "NoSuchKey" && expected !== "absent";
    if (status === 412 || status === 409 || gone) return "lost";
    throw error;
  }
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function errorName(error: unknown): string | undefined {
  return error instanceof S3ServiceException ? error.name : undefined;
}
