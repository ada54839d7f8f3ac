/** The types that are served: exactly those that our programs use. */

import type { ResourceType } from "./resourceType";
import * as iam from "./services/iam";
import * as iamPolicy from "./services/iamPolicy";
import * as kms from "./services/kms";
import * as s3Bucket from "./services/s3Bucket";

const types = new Map(
  [iam, iamPolicy, kms, s3Bucket]
    .flatMap((service) => Object.values(service))
    .map((type: ResourceType) => [type.token, type]),
);

export const servedTypes: readonly string[] = [...types.keys()].sort();

/** @throws Error that names the type when it is not served. */
export function findType(token: string): ResourceType {
  const type = types.get(token);
  if (type === undefined) throw new Error(`the local provider does not serve the type ${token}`);
  return type;
}
