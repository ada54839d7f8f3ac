/** The types that are served: exactly those that our programs use. */

import type { ResourceType } from "./resourceType";
import * as cloudwatch from "./services/cloudwatch";
import * as codebuild from "./services/codebuild";
import * as codeconnections from "./services/codeconnections";
import * as codepipeline from "./services/codepipeline";
import * as dynamodb from "./services/dynamodb";
import * as events from "./services/events";
import * as iam from "./services/iam";
import * as iamPolicy from "./services/iamPolicy";
import * as kms from "./services/kms";
import * as lambda from "./services/lambda";
import * as lambdaRights from "./services/lambdaRights";
import * as logs from "./services/logs";
import * as s3Bucket from "./services/s3Bucket";
import * as s3Lifecycle from "./services/s3Lifecycle";
import * as s3Object from "./services/s3Object";
import * as s3Settings from "./services/s3Settings";
import * as secretsmanager from "./services/secretsmanager";
import * as sns from "./services/sns";
import * as sqs from "./services/sqs";
import * as ssm from "./services/ssm";

const served: readonly ResourceType[] = [
  cloudwatch,
  codebuild,
  codeconnections,
  codepipeline,
  dynamodb,
  events,
  iam,
  iamPolicy,
  kms,
  lambda,
  lambdaRights,
  logs,
  s3Bucket,
  s3Lifecycle,
  s3Object,
  s3Settings,
  secretsmanager,
  sns,
  sqs,
  ssm,
].flatMap((service) => Object.values(service));

const types = new Map(served.map((type) => [type.token, type]));

export const servedTypes: readonly string[] = [...types.keys()].sort();

/** @throws Error that names the type when it is not served. */
export function findType(token: string): ResourceType {
  const type = types.get(token);
  if (type === undefined) throw new Error(`the local provider does not serve the type ${token}`);
  return type;
}
