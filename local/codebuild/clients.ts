import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import { AwsError, type AwsCredentials, type Surroundings } from "../services/contract";

/** Clients that act with the session of one project's service role. */
export interface RoleClients {
  readonly s3: S3Client;
  readonly logs: CloudWatchLogsClient;
  readonly ssm: SSMClient;
  readonly secrets: SecretsManagerClient;
  destroy(): void;
}

/** The emulator's root asks IAM; the emulator accepts these credentials on the loopback address only. */
const ROOT = { accessKeyId: "test", secretAccessKey: "test" };

type Reach = Pick<Surroundings, "endpoint" | "region">;

export function clientsFor({ endpoint, region }: Reach, credentials: AwsCredentials): RoleClients {
  const config = { endpoint, region, credentials, maxAttempts: 3, retryMode: "standard" } as const;
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const logs = new CloudWatchLogsClient(config);
  // The emulator evaluates ssm:GetParameters on "*", AWS on each parameter: the right is asked for on the ARN (`RoleCheck`),
  // and what is allowed is fetched for the role.
  const ssm = new SSMClient({ ...config, credentials: ROOT });
  const secrets = new SecretsManagerClient(config);
  return { s3, logs, ssm, secrets, destroy: () => [s3, logs, ssm, secrets].forEach((client) => client.destroy()) };
}

/**
 * Asks whether a role may do something for which there is no request to send, as the service's own back end would.
 * @throws AwsError `AccessDeniedException` that names role, action and resource.
 */
export type RoleCheck = (roleArn: string, action: string, resourceArn: string) => Promise<void>;

export function roleCheck({ endpoint, region }: Reach): { check: RoleCheck; destroy(): void } {
  const iam = new IAMClient({ endpoint, region, credentials: ROOT });
  return {
    destroy: () => iam.destroy(),
    check: async (roleArn, action, resourceArn) => {
      const { EvaluationResults } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleArn,
          ActionNames: [action],
          ResourceArns: [resourceArn],
        }),
      );
      if (EvaluationResults?.[0]?.EvalDecision === "allowed") return;
      throw new AwsError(
        "AccessDeniedException",
        `${roleArn} is not authorized to perform: ${action} on resource: ${resourceArn}`,
      );
    },
  };
}

/** `Code: message` of an SDK or service error. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}

/** Whether IAM said no; services name the denial differently. */
export function isDenied(error: unknown): boolean {
  return (
    error instanceof Error && /^(AccessDenied|AccessDeniedException|AuthorizationError(Exception)?)$/.test(error.name)
  );
}
