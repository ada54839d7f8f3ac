import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, type Place } from "./naming";

export type PolicyStatement = aws.iam.PolicyStatement;
type Condition = NonNullable<PolicyStatement["Condition"]>;

/** A statement that grants `actions` on `resources`. */
export function allow(
  actions: readonly string[],
  resources: readonly pulumi.Input<string>[] | pulumi.Output<string[]>,
  condition?: Condition,
): PolicyStatement {
  return {
    Effect: "Allow",
    Action: [...actions],
    Resource: pulumi.Output.isInstance(resources) ? resources : [...resources],
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}

/** The JSON text of a policy, as the API takes it. */
export function policyJson(statements: readonly PolicyStatement[]): pulumi.Output<string> {
  return pulumi.jsonStringify(document(statements));
}

/**
 * A policy with an ARN that no name gives (a key's, a connection's), which only the update will know: the JSON text, and
 * for `policyDocuments` among the outputs of the component the same statements, by the logical name of the policy.
 *
 * The text is unknown as a whole until then. What a component declares is not: so the policy pack can judge all but the
 * ARN before anything has changed.
 */
export function policyToDeclare(
  name: string,
  statements: readonly PolicyStatement[],
): { readonly json: pulumi.Output<string>; readonly declared: pulumi.Inputs } {
  return { json: policyJson(statements), declared: { [name]: document(statements) } };
}

function document(statements: readonly PolicyStatement[]): pulumi.Inputs {
  return { Version: "2012-10-17", Statement: [...statements] };
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
