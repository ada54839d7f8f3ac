/** CodeStarSourceConnection: a commit of the connected repository becomes the source artifact. */
import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { zipSync } from "fflate";
import { archive, type Commit, readCommit } from "../../source/git";
import { repositoryPath } from "../../source/repositories";
import { type ActionJob } from "../engine/events";
import { ActionFailure, call, clientFor, type Provider, type ProviderContext } from "./provider";

/** The earliest time a zip can hold: equal commits make equal artifacts. */
const ZIP_EPOCH = new Date(1980, 0, 1, 12);

export const connectionSource: Provider = async (job, context) => {
  const { ConnectionArn: connection = "", FullRepositoryId: repository = "" } = job.configuration;
  const client = new S3Client({ ...(await clientFor(job, context)), forcePathStyle: true });
  try {
    await mayUse(job, connection, context);
    const branch = job.revision?.branch ?? job.configuration["BranchName"] ?? "";
    const path = repositoryPath(context.surroundings.gitDir, repository);
    const commit = await commitOf(path, repository, branch, job.revision?.commit);
    const reference = { connectionArn: connection, repository, branch, commit: commit.id };
    const bytes = fullClone(job)
      ? zipSync({ "clone-ref.json": [Buffer.from(JSON.stringify(reference)), { mtime: ZIP_EPOCH }] })
      : await archive(path, commit.id);
    await store(client, job, bytes, context.signal);
    const artifact = job.outputs[0]?.name;
    return {
      kind: "succeeded",
      externalExecutionId: commit.id,
      summary: JSON.stringify({ ProviderType: "GitHub", CommitMessage: commit.message }),
      externalExecutionUrl: commitUrl(repository, commit.id),
      outputVariables: {
        CommitId: commit.id,
        CommitMessage: commit.message,
        AuthorDate: commit.authorDate,
        BranchName: branch,
        FullRepositoryName: repository,
        ConnectionArn: connection,
      },
      revision: {
        actionName: job.action.name,
        ...(artifact === undefined ? {} : { artifactName: artifact }),
        revisionId: commit.id,
        revisionSummary: JSON.stringify({ ProviderType: "GitHub", CommitMessage: commit.message }),
        revisionUrl: commitUrl(repository, commit.id),
        createdAt: commit.committedAt,
      },
    };
  } finally {
    client.destroy();
  }
};

const fullClone = (job: ActionJob): boolean => job.configuration["OutputArtifactFormat"] === "CODEBUILD_CLONE_REF";
const commitUrl = (repository: string, id: string): string => `https://github.com/${repository}/commit/${id}`;

/**
 * Whether the pipeline's role may use the connection. No API call of AWS's does just that, so the policies of the role
 * are asked, by the root of the local account.
 */
async function mayUse(job: ActionJob, connection: string, { surroundings, signal }: ProviderContext): Promise<void> {
  const action = "codeconnections:UseConnection";
  const iam = new IAMClient({
    endpoint: surroundings.endpoint,
    region: surroundings.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  try {
    const { EvaluationResults: results = [] } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: job.roleArn,
        ActionNames: [action],
        ResourceArns: [connection],
      }),
      { abortSignal: signal },
    );
    if (results.length > 0 && results.every((r) => r.EvalDecision === "allowed")) return;
    throw new ActionFailure(
      "PermissionError",
      `Unable to use Connection: ${connection}. AccessDeniedException: the role ${job.roleArn} is not authorized ` +
        `to perform: ${action} on resource: ${connection}`,
    );
  } finally {
    iam.destroy();
  }
}

async function commitOf(path: string, repository: string, branch: string, id: string | undefined): Promise<Commit> {
  const commit = await readCommit(path, id === undefined ? { branch } : { commit: id });
  if (commit !== undefined) return commit;
  const what = id === undefined ? `Branch [${branch}]` : `Commit [${id}]`;
  throw new ActionFailure("ConfigurationError", `[GitHub] No ${what} found for FullRepositoryName [${repository}]`);
}

async function store(client: S3Client, job: ActionJob, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const [output] = job.outputs;
  if (output === undefined) throw new ActionFailure("ConfigurationError", "The source action has no output artifact.");
  const key = job.store.encryptionKey?.id;
  await call("s3:PutObject", `arn:aws:s3:::${output.bucket}/${output.key}`, () =>
    client.send(
      new PutObjectCommand({
        Bucket: output.bucket,
        Key: output.key,
        Body: bytes,
        ContentType: "application/zip",
        // Without a key AWS takes its own aws/s3 key, which the emulator does not have: the bucket's default applies.
        ...(key === undefined ? {} : { ServerSideEncryption: "aws:kms", SSEKMSKeyId: key }),
      }),
      { abortSignal: signal },
    ),
  );
}
