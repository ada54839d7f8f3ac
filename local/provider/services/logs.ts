import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type LogGroupClass,
} from "@aws-sdk/client-cloudwatch-logs";
import type { LogGroupArgs } from "@pulumi/aws/cloudwatch";
import type { Clients } from "../clients";
import { flag, number, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { settleTags } from "../tagging";

async function putRetention(logGroupName: string, inputs: Inputs<LogGroupArgs>, aws: Clients): Promise<void> {
  const retentionInDays = inputs.retentionInDays ?? 0;
  const logs = aws.get(CloudWatchLogsClient);
  if (retentionInDays > 0) await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
  else await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
}

export const logGroup = defineType<LogGroupArgs>({
  token: "aws:cloudwatch/logGroup:LogGroup",
  fields: {
    kmsKeyId: text(),
    logGroupClass: text({ replaces: true, default: "STANDARD" }),
    name: text({ replaces: true }),
    // 0 means for ever.
    retentionInDays: number({ default: 0 }),
    skipDestroy: flag({ default: false }),
    tags,
  },
  outputs: ["arn"],
  name: { property: "name", max: 512 },
  identity: ["name"],
  tagged: true,
  gone: ["ResourceNotFoundException"],
  async create(inputs, aws, made) {
    const name = must(inputs.name, "name");
    await aws.get(CloudWatchLogsClient).send(
      new CreateLogGroupCommand({
        logGroupName: name,
        kmsKeyId: inputs.kmsKeyId,
        logGroupClass: inputs.logGroupClass as LogGroupClass | undefined,
        ...(Object.keys(inputs.tagsAll ?? {}).length === 0 ? {} : { tags: inputs.tagsAll }),
      }),
    );
    made(name);
    if ((inputs.retentionInDays ?? 0) > 0) await putRetention(name, inputs, aws);
    return name;
  },
  async update(logGroupName, inputs, aws, olds) {
    const logs = aws.get(CloudWatchLogsClient);
    await putRetention(logGroupName, inputs, aws);
    const { kmsKeyId } = inputs;
    if (kmsKeyId !== olds.kmsKeyId) {
      if (kmsKeyId === undefined) await logs.send(new DisassociateKmsKeyCommand({ logGroupName }));
      else await logs.send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId }));
    }
    const { arn: resourceArn = "" } = (await describe(logGroupName, aws)) ?? {};
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (tagKeys) => logs.send(new UntagResourceCommand({ resourceArn, tagKeys })),
      tag: (wanted) => logs.send(new TagResourceCommand({ resourceArn, tags: wanted })),
    });
  },
  async read(name, aws) {
    const found = await describe(name, aws);
    if (found === undefined) return undefined;
    const { tags: live } = await aws
      .get(CloudWatchLogsClient)
      .send(new ListTagsForResourceCommand({ resourceArn: found.arn }));
    return {
      inputs: {
        name,
        kmsKeyId: found.kmsKeyId,
        logGroupClass: found.logGroupClass,
        retentionInDays: found.retentionInDays ?? 0,
        tags: live ?? {},
      },
      outputs: { arn: found.arn },
    };
  },
  async remove(logGroupName, aws, inputs) {
    if (inputs.skipDestroy) return;
    await aws.get(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName }));
  },
});

interface Found {
  /** Without the `:*` that the service appends. */
  readonly arn: string;
  readonly kmsKeyId?: string | undefined;
  readonly logGroupClass?: string | undefined;
  readonly retentionInDays?: number | undefined;
}

async function describe(name: string, aws: Clients): Promise<Found | undefined> {
  const { logGroups } = await aws
    .get(CloudWatchLogsClient)
    .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  const found = logGroups?.find((group) => group.logGroupName === name);
  return found && { ...found, arn: (found.arn ?? "").replace(/:\*$/, "") };
}
