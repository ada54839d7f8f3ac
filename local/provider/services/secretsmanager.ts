import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import type { SecretArgs, SecretVersionArgs } from "@pulumi/aws/secretsmanager";
import { list, number, text } from "../fields";
import { defineType, must, tags } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";

const gone = ["ResourceNotFoundException"];

export const secret = defineType<SecretArgs>({
  token: "aws:secretsmanager/secret:Secret",
  fields: {
    description: text(),
    kmsKeyId: text(),
    name: text({ replaces: true }),
    // 0 deletes at once.
    recoveryWindowInDays: number({ default: 30 }),
    tags,
  },
  outputs: ["arn"],
  name: { property: "name", max: 512 },
  identity: ["name"],
  tagged: true,
  gone,
  async create(inputs, aws) {
    const { ARN } = await aws.get(SecretsManagerClient).send(
      new CreateSecretCommand({
        Name: inputs.name,
        Description: inputs.description,
        KmsKeyId: inputs.kmsKeyId,
        Tags: pairs(inputs.tagsAll),
      }),
    );
    return must(ARN, "ARN");
  },
  async update(SecretId, inputs, aws, olds) {
    const secrets = aws.get(SecretsManagerClient);
    const Description = inputs.description ?? "";
    await secrets.send(new UpdateSecretCommand({ SecretId, Description, KmsKeyId: inputs.kmsKeyId }));
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => secrets.send(new UntagResourceCommand({ SecretId, TagKeys })),
      tag: (wanted) => secrets.send(new TagResourceCommand({ SecretId, Tags: pairs(wanted) })),
    });
  },
  async read(SecretId, aws) {
    const found = await aws.get(SecretsManagerClient).send(new DescribeSecretCommand({ SecretId }));
    if (found.DeletedDate !== undefined) return undefined;
    return {
      id: found.ARN ?? SecretId,
      inputs: {
        name: found.Name,
        description: found.Description || undefined,
        kmsKeyId: found.KmsKeyId || undefined,
        tags: fromPairs(found.Tags),
      },
      outputs: { arn: found.ARN },
    };
  },
  async remove(SecretId, aws, inputs) {
    const days = inputs.recoveryWindowInDays ?? 30;
    const how = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days };
    await aws.get(SecretsManagerClient).send(new DeleteSecretCommand({ SecretId, ...how }));
  },
});

/** The id is `secretId|versionId`, as the real provider's. */
function splitId(id: string): { SecretId: string; VersionId: string } {
  const [SecretId = "", VersionId = ""] = id.split("|");
  return { SecretId, VersionId };
}

export const secretVersion = defineType<SecretVersionArgs>({
  token: "aws:secretsmanager/secretVersion:SecretVersion",
  fields: {
    secretBinary: text({ replaces: true, secret: true }),
    secretId: text({ required: true, replaces: true }),
    secretString: text({ replaces: true, secret: true }),
    versionStages: list(text(), { replaces: true, computed: true }),
  },
  outputs: ["arn", "versionId"],
  gone,
  async create(inputs, aws) {
    const { VersionId } = await aws.get(SecretsManagerClient).send(
      new PutSecretValueCommand({
        SecretId: inputs.secretId,
        SecretString: inputs.secretString,
        SecretBinary: inputs.secretBinary === undefined ? undefined : Buffer.from(inputs.secretBinary, "base64"),
        VersionStages: inputs.versionStages,
      }),
    );
    return `${inputs.secretId}|${must(VersionId, "VersionId")}`;
  },
  async read(id, aws) {
    const found = await aws.get(SecretsManagerClient).send(new GetSecretValueCommand(splitId(id)));
    return {
      inputs: {
        secretId: splitId(id).SecretId,
        secretString: found.SecretString,
        secretBinary: found.SecretBinary && Buffer.from(found.SecretBinary).toString("base64"),
        versionStages: found.VersionStages,
      },
      outputs: { arn: found.ARN, versionId: found.VersionId },
    };
  },
  // A version lives and goes with its secret: AWS cannot delete the current one.
  async remove() {
    return Promise.resolve();
  },
});
