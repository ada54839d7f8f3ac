import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Place } from "./naming";

export type PolicyStatement = aws.iam.PolicyStatement;
type Condition = NonNullable<PolicyStatement["Condition"]>;

/** A statement that grants `actions` on `resources`. */
export function allow(
  actions: readonly string[],
  resources: readonly pulumi.Input<string>[],
  condition?: Condition,
): PolicyStatement {
  return {
    Effect: "Allow",
    Action: [...actions],
    Resource: [...resources],
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

/** The JSON text of a policy, as the API takes it. */
export function policyJson(statements: readonly PolicyStatement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: [...statements] });
}

/**
 * Lets one AWS service take a role on behalf of one resource of this account: without the source, anybody who can make
 * the service act could borrow the role (the "confused deputy" of the IAM user guide).
 *
 * CodeBuild and CodePipeline name their source in every call; Lambda promises it nowhere and the emulator does not,
 * hence IfExists.
 */
export function serviceTrust(place: Place, service: "codebuild" | "codepipeline" | "lambda", resource: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: `${service}.amazonaws.com` },
        Action: "sts:AssumeRole",
        Condition: {
          StringEqualsIfExists: { "aws:SourceAccount": place.accountId },
          ArnLikeIfExists: { "aws:SourceArn": arn(place, service, resource) },
        },
      },
    ],
  });
}

/**
 * Both ways in which a log group is named in a policy: actions on the group take it as it is, actions on its streams
 * with `:*` (service authorization reference, "CloudWatch Logs").
 */
export function logGroupArns(place: Place, logGroup: string): readonly string[] {
  const group = arn(place, "logs", `log-group:${logGroup}`);
  return [group, `${group}:*`];
}

/** Options of what holds data or what other things need to stay readable: `destroy` must not take it along. */
export function kept(protectData: boolean): { protect: boolean; retainOnDelete: boolean } {
  return { protect: protectData, retainOnDelete: protectData };
}
