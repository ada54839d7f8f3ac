import {
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { sha256 } from "../../../../runtime/releases/domain";

/** One bucket in memory with S3's conditional writes, behind a client whose calls never leave the process. */
export class MemoryBucket {
  readonly objects = new Map<string, Buffer>();
  readonly client = new S3Client({ region: "us-east-1" });
  readonly written: string[] = [];
  /** Runs once before the next put, as if somebody else had been faster. */
  beforePut: (() => void) | undefined;
  /** Answers of the next puts instead of S3's own; the put itself does not happen. */
  readonly putAnswers: Error[] = [];
  /** What a get of something missing answers: 403 for whoever may not list the bucket. */
  missing: Error = s3Error(404, "NoSuchKey");

  constructor() {
    const stub = mockClient(this.client);
    stub.on(GetObjectCommand).callsFake((input: GetObjectCommandInput) => this.get(String(input.Key)));
    stub.on(PutObjectCommand).callsFake((input: PutObjectCommandInput) => this.put(input));
  }

  private get(key: string): GetObjectCommandOutput {
    const body = this.objects.get(key);
    if (body === undefined) throw this.missing;
    const Body = { transformToByteArray: async () => new Uint8Array(body) } as NonNullable<
      GetObjectCommandOutput["Body"]
    >;
    return { $metadata: {}, Body, ETag: etagOf(body) };
  }

  private put({ Key = "", Body, IfMatch, IfNoneMatch }: PutObjectCommandInput): object {
    this.beforePut?.();
    this.beforePut = undefined;
    const answer = this.putAnswers.shift();
    if (answer !== undefined) throw answer;
    const there = this.objects.get(Key);
    if (IfNoneMatch === "*" && there !== undefined) throw s3Error(412, "PreconditionFailed");
    if (IfMatch !== undefined && there === undefined) throw s3Error(404, "NoSuchKey");
    if (IfMatch !== undefined && there !== undefined && etagOf(there) !== IfMatch)
      throw s3Error(412, "PreconditionFailed");
    this.objects.set(Key, Buffer.from(Body as string | Uint8Array));
    this.written.push(Key);
    return {};
  }
}

export function s3Error(httpStatusCode: number, name: string): S3ServiceException {
  return new S3ServiceException({ name, message: name, $fault: "client", $metadata: { httpStatusCode } });
}

function etagOf(body: Buffer): string {
  return `"${sha256(body).slice(0, 32)}"`;
}
