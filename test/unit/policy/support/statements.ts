import { type Example } from "../../../../policy/rule";

/** A policy document as text; what is given stands beside `Effect: "Allow"`. */
export const allowing = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements.map((one) => ({ Effect: "Allow", ...one })) });

/** A resource that carries `document`. */
const holder =
  (type: string, property: string) =>
  (document: unknown): Example => ({ type, name: "own", props: { [property]: document } });

export const rights = holder("aws:iam/rolePolicy:RolePolicy", "policy");
export const trust = holder("aws:iam/role:Role", "assumeRolePolicy");
export const bucketPolicy = holder("aws:s3/bucketPolicy:BucketPolicy", "policy");
export const key = holder("aws:kms/key:Key", "policy");
export const secretPolicy = holder("aws:secretsmanager/secretPolicy:SecretPolicy", "policy");
