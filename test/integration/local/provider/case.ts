/** What a case says of one resource: how it is made, how it changes, what makes a new one of it. */

import type { Properties } from "../../../../local/provider/values";

export interface Case {
  readonly type: string;
  readonly inputs: Properties;
  /** Changes that are made in place. */
  readonly update?: Properties;
  /** All that the resource must have: everything else can be taken back, and need not be given. */
  readonly bare?: Properties;
  /** A change that needs a new resource. */
  readonly replace?: Properties;
  /** Outputs after creation that programs rely on. */
  readonly outputs: readonly string[];
  readonly id?: string;
  /** By what name it is imported, where that is not its id. */
  readonly importId?: string;
  /** AWS cannot be without it: deleting brings its own default back, so that something is always read. */
  readonly stays?: true;
  /** What lets go of the resource before it can be deleted. */
  readonly beforeDelete?: Properties;
}

/** What the cases hang on. */
export interface Ground {
  readonly keyArn: string;
  readonly bucket: string;
  readonly role: string;
  readonly roleArn: string;
  readonly topic: string;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly functionName: string;
  readonly rule: string;
  readonly secret: string;
}

/** An archive with one file, as the engine hands it over. */
export function codeOf(source: string): Properties {
  const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: source, hash: source };
  const assets = { "index.js": asset };
  return { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", assets, hash: source };
}

/** A policy that lets EventBridge publish; S3 and SNS take it alike. */
export const publish = (resource: string, sid: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: sid,
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: resource,
      },
    ],
  });
