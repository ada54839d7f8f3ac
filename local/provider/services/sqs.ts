import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  SQSClient,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import type { QueueArgs, QueuePolicyArgs } from "@pulumi/aws/sqs";
import type { Clients } from "../clients";
import { flag, json, number, policy, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { settleTags } from "../tagging";

const gone = ["QueueDoesNotExist", "NonExistentQueue", "AWS.SimpleQueueService.NonExistentQueue"];

/** Inputs that are attributes of the queue, and what SQS takes where nothing is given; "" unsets. */
const attributes = {
  delaySeconds: ["DelaySeconds", "0"],
  kmsDataKeyReusePeriodSeconds: ["KmsDataKeyReusePeriodSeconds", "300"],
  kmsMasterKeyId: ["KmsMasterKeyId", ""],
  maxMessageSize: ["MaximumMessageSize", "262144"],
  messageRetentionSeconds: ["MessageRetentionPeriod", "345600"],
  policy: ["Policy", ""],
  receiveWaitTimeSeconds: ["ReceiveMessageWaitTimeSeconds", "0"],
  redriveAllowPolicy: ["RedriveAllowPolicy", ""],
  redrivePolicy: ["RedrivePolicy", ""],
  sqsManagedSseEnabled: ["SqsManagedSseEnabled", "true"],
  visibilityTimeoutSeconds: ["VisibilityTimeout", "30"],
  contentBasedDeduplication: ["ContentBasedDeduplication", "false"],
} as const;
type Attribute = keyof typeof attributes;
const names = Object.keys(attributes) as Attribute[];

const asText = (value: unknown): string | undefined =>
  typeof value === "string" || value === undefined ? value : JSON.stringify(value);

function given(inputs: Inputs<QueueArgs>): Record<string, string> {
  const entries = names.map((name) => [attributes[name][0], asText(inputs[name])] as const);
  return Object.fromEntries(entries.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== undefined));
}

export const queue = defineType<QueueArgs>({
  token: "aws:sqs/queue:Queue",
  fields: {
    contentBasedDeduplication: flag({ default: false }),
    delaySeconds: number({ default: 0 }),
    fifoQueue: flag({ replaces: true, default: false }),
    kmsDataKeyReusePeriodSeconds: number({ computed: true }),
    kmsMasterKeyId: text(),
    maxMessageSize: number({ computed: true }),
    messageRetentionSeconds: number({ default: 345600 }),
    name: text({ replaces: true }),
    policy: policy({ computed: true }),
    receiveWaitTimeSeconds: number({ default: 0 }),
    redriveAllowPolicy: json({ computed: true }),
    redrivePolicy: json(),
    sqsManagedSseEnabled: flag({ computed: true }),
    tags,
    visibilityTimeoutSeconds: number({ default: 30 }),
  },
  outputs: ["arn", "url"],
  name: { property: "name", max: 80 },
  identity: ["name"],
  tagged: true,
  gone,
  async create(inputs, aws) {
    const { QueueUrl } = await aws.get(SQSClient).send(
      new CreateQueueCommand({
        QueueName: inputs.name,
        Attributes: { ...given(inputs), ...(inputs.fifoQueue ? { FifoQueue: "true" } : {}) },
        tags: inputs.tagsAll,
      }),
    );
    return must(QueueUrl, "QueueUrl");
  },
  async update(QueueUrl, inputs, aws, olds) {
    const sqs = aws.get(SQSClient);
    const changed = names.filter((name) => asText(inputs[name]) !== asText(olds[name]));
    const Attributes = changed.map(
      (name) => [attributes[name][0], asText(inputs[name]) ?? attributes[name][1]] as const,
    );
    if (changed.length > 0) {
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: Object.fromEntries(Attributes) }));
    }
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys })),
      tag: (wanted) => sqs.send(new TagQueueCommand({ QueueUrl, Tags: wanted })),
    });
  },
  async read(QueueUrl, aws) {
    const sqs = aws.get(SQSClient);
    const found = await attributesOf(QueueUrl, aws);
    const { Tags } = await sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    const numeric = (name: string): number | undefined => (found[name] === undefined ? undefined : Number(found[name]));
    return {
      inputs: {
        name: QueueUrl.split("/").pop(),
        contentBasedDeduplication: found["ContentBasedDeduplication"] === "true",
        delaySeconds: numeric("DelaySeconds"),
        fifoQueue: found["FifoQueue"] === "true",
        kmsMasterKeyId: found["KmsMasterKeyId"] || undefined,
        maxMessageSize: numeric("MaximumMessageSize"),
        messageRetentionSeconds: numeric("MessageRetentionPeriod"),
        policy: found["Policy"] || undefined,
        receiveWaitTimeSeconds: numeric("ReceiveMessageWaitTimeSeconds"),
        redrivePolicy: found["RedrivePolicy"] || undefined,
        visibilityTimeoutSeconds: numeric("VisibilityTimeout"),
        tags: Tags ?? {},
      },
      outputs: { arn: found["QueueArn"], url: QueueUrl },
    };
  },
  async remove(QueueUrl, aws) {
    await aws.get(SQSClient).send(new DeleteQueueCommand({ QueueUrl }));
  },
});

async function attributesOf(QueueUrl: string, aws: Clients): Promise<Readonly<Record<string, string>>> {
  const { Attributes } = await aws
    .get(SQSClient)
    .send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  return Attributes ?? {};
}

async function putPolicy(QueueUrl: string, Policy: string, aws: Clients): Promise<void> {
  await aws.get(SQSClient).send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
}

export const queuePolicy = defineType<QueuePolicyArgs>({
  token: "aws:sqs/queuePolicy:QueuePolicy",
  fields: { policy: policy({ required: true }), queueUrl: text({ required: true, replaces: true }) },
  outputs: [],
  identity: ["queueUrl"],
  gone,
  async create(inputs, aws) {
    await putPolicy(inputs.queueUrl, inputs.policy as string, aws);
    return inputs.queueUrl;
  },
  async update(id, inputs, aws) {
    await putPolicy(id, inputs.policy as string, aws);
  },
  async read(id, aws) {
    const { Policy } = await attributesOf(id, aws);
    return Policy ? { inputs: { queueUrl: id, policy: Policy }, outputs: {} } : undefined;
  },
  async remove(id, aws) {
    await putPolicy(id, "", aws);
  },
});
