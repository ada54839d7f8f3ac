import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
  type CustomerMasterKeySpec,
  type KeyUsageType,
} from "@aws-sdk/client-kms";
import type { AliasArgs, KeyArgs } from "@pulumi/aws/kms";
import type { Clients } from "../clients";
import { flag, number, policy, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { keyed, settleTags } from "../tagging";

async function settleKey(KeyId: string, inputs: Inputs<KeyArgs>, aws: Clients): Promise<void> {
  const kms = aws.get(KMSClient);
  if (inputs.isEnabled === false) await kms.send(new DisableKeyCommand({ KeyId }));
  else await kms.send(new EnableKeyCommand({ KeyId }));
  if (inputs.enableKeyRotation) {
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: inputs.rotationPeriodInDays }));
  } else if ((inputs.keyUsage ?? "ENCRYPT_DECRYPT") === "ENCRYPT_DECRYPT") {
    await kms.send(new DisableKeyRotationCommand({ KeyId }));
  }
}

export const key = defineType<KeyArgs>({
  token: "aws:kms/key:Key",
  fields: {
    bypassPolicyLockoutSafetyCheck: flag({ default: false }),
    customerMasterKeySpec: text({ replaces: true, default: "SYMMETRIC_DEFAULT" }),
    deletionWindowInDays: number(),
    description: text(),
    enableKeyRotation: flag({ default: false }),
    isEnabled: flag({ default: true }),
    keyUsage: text({ replaces: true, default: "ENCRYPT_DECRYPT" }),
    multiRegion: flag({ replaces: true, default: false }),
    policy: policy({ computed: true }),
    rotationPeriodInDays: number(),
    tags,
  },
  outputs: ["arn", "keyId"],
  tagged: true,
  gone: ["NotFoundException"],
  async create(inputs, aws, made) {
    const { KeyMetadata } = await aws.get(KMSClient).send(
      new CreateKeyCommand({
        Description: inputs.description,
        KeySpec: inputs.customerMasterKeySpec as CustomerMasterKeySpec | undefined,
        KeyUsage: inputs.keyUsage as KeyUsageType | undefined,
        MultiRegion: inputs.multiRegion,
        Policy: inputs.policy,
        BypassPolicyLockoutSafetyCheck: inputs.bypassPolicyLockoutSafetyCheck,
        Tags: keyed(inputs.tagsAll, "TagKey", "TagValue"),
      }),
    );
    const id = must(KeyMetadata?.KeyId, "KeyId");
    made(id);
    await settleKey(id, inputs, aws);
    return id;
  },
  async update(KeyId, inputs, aws, olds) {
    const kms = aws.get(KMSClient);
    await settleKey(KeyId, inputs, aws);
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: inputs.description ?? "" }));
    if (inputs.policy !== undefined) {
      const BypassPolicyLockoutSafetyCheck = inputs.bypassPolicyLockoutSafetyCheck;
      await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: inputs.policy, BypassPolicyLockoutSafetyCheck }));
    }
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (stale) => kms.send(new UntagResourceCommand({ KeyId, TagKeys: stale })),
      tag: (wanted) => kms.send(new TagResourceCommand({ KeyId, Tags: keyed(wanted, "TagKey", "TagValue") })),
    });
  },
  async read(id, aws) {
    const kms = aws.get(KMSClient);
    const { KeyMetadata: found } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    if (found?.KeyId === undefined || found.KeyState === "PendingDeletion") return undefined;
    const KeyId = found.KeyId;
    const [document, rotation, { Tags }] = await Promise.all([
      kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" })),
      found.KeyUsage === "ENCRYPT_DECRYPT" ? kms.send(new GetKeyRotationStatusCommand({ KeyId })) : undefined,
      kms.send(new ListResourceTagsCommand({ KeyId })),
    ]);
    return {
      id: KeyId,
      inputs: {
        description: found.Description,
        customerMasterKeySpec: found.KeySpec,
        keyUsage: found.KeyUsage,
        multiRegion: found.MultiRegion,
        isEnabled: found.Enabled,
        enableKeyRotation: rotation?.KeyRotationEnabled ?? false,
        policy: document.Policy,
        tags: Object.fromEntries((Tags ?? []).map((tag) => [tag.TagKey, tag.TagValue])),
      },
      outputs: { arn: found.Arn, keyId: KeyId },
    };
  },
  async remove(KeyId, aws, inputs) {
    const PendingWindowInDays = inputs.deletionWindowInDays;
    const kms = aws.get(KMSClient);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    if (KeyMetadata?.KeyState === "PendingDeletion") return;
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
  },
});

export const alias = defineType<AliasArgs>({
  token: "aws:kms/alias:Alias",
  fields: {
    name: text({ required: true, replaces: true }),
    targetKeyId: text({ required: true }),
  },
  outputs: ["arn", "targetKeyArn"],
  identity: ["name"],
  gone: ["NotFoundException"],
  async create(inputs, aws) {
    const AliasName = must(inputs.name, "name");
    await aws.get(KMSClient).send(new CreateAliasCommand({ AliasName, TargetKeyId: inputs.targetKeyId }));
    return AliasName;
  },
  async update(AliasName, inputs, aws) {
    await aws.get(KMSClient).send(new UpdateAliasCommand({ AliasName, TargetKeyId: inputs.targetKeyId }));
  },
  async read(name, aws, inputs) {
    const kms = aws.get(KMSClient);
    let Marker: string | undefined;
    do {
      const page = await kms.send(new ListAliasesCommand({ Marker }));
      const found = page.Aliases?.find((each) => each.AliasName === name);
      if (found?.TargetKeyId !== undefined && found.AliasArn !== undefined) {
        const targetKeyArn = found.AliasArn.replace(/:alias\/.*$/, `:key/${found.TargetKeyId}`);
        // The program may name the key by id or by ARN: both mean the same.
        const targetKeyId = inputs.targetKeyId === targetKeyArn ? targetKeyArn : found.TargetKeyId;
        return { inputs: { name, targetKeyId }, outputs: { arn: found.AliasArn, targetKeyArn } };
      }
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    return undefined;
  },
  async remove(AliasName, aws) {
    await aws.get(KMSClient).send(new DeleteAliasCommand({ AliasName }));
  },
});
