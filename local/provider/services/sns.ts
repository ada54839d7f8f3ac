import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SNSClient,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import type { TopicArgs, TopicPolicyArgs, TopicSubscriptionArgs } from "@pulumi/aws/sns";
import type { Clients } from "../clients";
import { flag, json, number, policy, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";
import { errorCode } from "../failures";

const gone = ["NotFoundException", "NotFound"];

/** Attributes that can be set and changed, by the input that holds them. */
const attributes = {
  displayName: "DisplayName",
  kmsMasterKeyId: "KmsMasterKeyId",
  policy: "Policy",
  deliveryPolicy: "DeliveryPolicy",
} as const;
type Attribute = keyof typeof attributes;
const names = Object.keys(attributes) as Attribute[];

const attributeText = (inputs: Inputs<TopicArgs>, name: Attribute): string | undefined => inputs[name];

export const topic = defineType<TopicArgs>({
  token: "aws:sns/topic:Topic",
  fields: {
    contentBasedDeduplication: flag({ default: false }),
    deliveryPolicy: json(),
    displayName: text(),
    fifoTopic: flag({ replaces: true, default: false }),
    kmsMasterKeyId: text(),
    name: text({ replaces: true }),
    policy: policy({ computed: true }),
    tags,
  },
  outputs: ["arn", "owner"],
  name: { property: "name", max: 256 },
  identity: ["name"],
  tagged: true,
  gone,
  async create(inputs, aws) {
    const given = names.map((name) => [attributes[name], attributeText(inputs, name)] as const);
    const set = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Record<string, string>;
    const fifo = inputs.fifoTopic
      ? { FifoTopic: "true", ContentBasedDeduplication: String(inputs.contentBasedDeduplication ?? false) }
      : {};
    const { TopicArn } = await aws.get(SNSClient).send(
      new CreateTopicCommand({
        Name: inputs.name,
        Attributes: { ...set, ...fifo },
        Tags: pairs(inputs.tagsAll),
      }),
    );
    return must(TopicArn, "TopicArn");
  },
  async update(TopicArn, inputs, aws, olds) {
    const sns = aws.get(SNSClient);
    for (const name of names) {
      const AttributeValue = attributeText(inputs, name);
      if (AttributeValue === attributeText(olds, name)) continue;
      if (AttributeValue === undefined && name === "policy") continue;
      const AttributeName = attributes[name];
      await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue: AttributeValue ?? "" }));
    }
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => sns.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys })),
      tag: (wanted) => sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: pairs(wanted) })),
    });
  },
  async read(TopicArn, aws) {
    const sns = aws.get(SNSClient);
    const { Attributes: found = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
    const { Tags } = await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    return {
      inputs: {
        name: TopicArn.split(":").pop(),
        displayName: found["DisplayName"] || undefined,
        kmsMasterKeyId: found["KmsMasterKeyId"] || undefined,
        policy: found["Policy"],
        deliveryPolicy: found["DeliveryPolicy"] || undefined,
        fifoTopic: found["FifoTopic"] === "true",
        contentBasedDeduplication: found["ContentBasedDeduplication"] === "true",
        tags: fromPairs(Tags),
      },
      outputs: { arn: TopicArn, owner: found["Owner"] },
    };
  },
  async remove(TopicArn, aws) {
    await aws.get(SNSClient).send(new DeleteTopicCommand({ TopicArn }));
  },
});

async function putPolicy(TopicArn: string, AttributeValue: string, aws: Clients): Promise<void> {
  await aws.get(SNSClient).send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
}

export const topicPolicy = defineType<TopicPolicyArgs>({
  token: "aws:sns/topicPolicy:TopicPolicy",
  fields: { arn: text({ required: true, replaces: true }), policy: policy({ required: true }) },
  outputs: ["owner"],
  identity: ["arn"],
  gone,
  async create(inputs, aws) {
    await putPolicy(inputs.arn, inputs.policy as string, aws);
    return inputs.arn;
  },
  async update(id, inputs, aws) {
    await putPolicy(id, inputs.policy as string, aws);
  },
  async read(id, aws) {
    const { Attributes } = await aws.get(SNSClient).send(new GetTopicAttributesCommand({ TopicArn: id }));
    return { inputs: { arn: id, policy: Attributes?.["Policy"] }, outputs: { owner: Attributes?.["Owner"] } };
  },
  // A topic cannot be without a policy: what goes back is AWS's own default.
  async remove(id, aws) {
    const account = id.split(":")[4] ?? "";
    const Action = ["Publish", "Subscribe", "GetTopicAttributes", "SetTopicAttributes", "AddPermission"];
    const statement = {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: [...Action, "RemovePermission", "DeleteTopic", "ListSubscriptionsByTopic"].map((name) => `SNS:${name}`),
      Resource: id,
      Condition: { StringEquals: { "AWS:SourceOwner": account } },
    };
    await putPolicy(
      id,
      JSON.stringify({ Version: "2008-10-17", Id: "__default_policy_ID", Statement: [statement] }),
      aws,
    );
  },
});

const subscriptionAttributes = {
  deliveryPolicy: "DeliveryPolicy",
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
} as const;

function subscriptionTexts(inputs: Inputs<TopicSubscriptionArgs>): Record<string, string | undefined> {
  const entries = Object.entries(subscriptionAttributes).map(([input, attribute]) => {
    const value = inputs[input as keyof typeof subscriptionAttributes];
    return [attribute, value === undefined ? undefined : String(value)] as const;
  });
  return Object.fromEntries(entries);
}

export const topicSubscription = defineType<TopicSubscriptionArgs>({
  token: "aws:sns/topicSubscription:TopicSubscription",
  fields: {
    confirmationTimeoutInMinutes: number({ default: 1 }),
    deliveryPolicy: json(),
    endpoint: text({ required: true, replaces: true }),
    endpointAutoConfirms: flag({ default: false }),
    filterPolicy: json(),
    filterPolicyScope: text({ computed: true }),
    protocol: text({ required: true, replaces: true }),
    rawMessageDelivery: flag({ default: false }),
    redrivePolicy: json(),
    topic: text({ required: true, replaces: true }),
  },
  outputs: ["arn", "confirmationWasAuthenticated", "ownerId", "pendingConfirmation"],
  identity: ["endpoint", "protocol", "topic"],
  gone,
  async create(inputs, aws) {
    const given = Object.entries(subscriptionTexts(inputs)).filter(([, value]) => value !== undefined);
    const { SubscriptionArn } = await aws.get(SNSClient).send(
      new SubscribeCommand({
        TopicArn: inputs.topic as string,
        Protocol: inputs.protocol,
        Endpoint: inputs.endpoint,
        Attributes: Object.fromEntries(given) as Record<string, string>,
        ReturnSubscriptionArn: true,
      }),
    );
    return must(SubscriptionArn, "SubscriptionArn");
  },
  async update(SubscriptionArn, inputs, aws, olds) {
    const before = subscriptionTexts(olds);
    for (const [AttributeName, value] of Object.entries(subscriptionTexts(inputs))) {
      if (value === before[AttributeName]) continue;
      const AttributeValue = value ?? (AttributeName === "RawMessageDelivery" ? "false" : "");
      await aws
        .get(SNSClient)
        .send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
    }
  },
  async read(SubscriptionArn, aws) {
    const { Attributes: found = {} } = await aws
      .get(SNSClient)
      .send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    return {
      inputs: {
        topic: found["TopicArn"],
        protocol: found["Protocol"],
        endpoint: found["Endpoint"],
        deliveryPolicy: found["DeliveryPolicy"] || undefined,
        filterPolicy: found["FilterPolicy"] || undefined,
        filterPolicyScope: found["FilterPolicyScope"] || undefined,
        rawMessageDelivery: found["RawMessageDelivery"] === "true",
        redrivePolicy: found["RedrivePolicy"] || undefined,
      },
      outputs: {
        arn: SubscriptionArn,
        ownerId: found["Owner"],
        pendingConfirmation: found["PendingConfirmation"] === "true",
        confirmationWasAuthenticated: found["ConfirmationWasAuthenticated"] === "true",
      },
    };
  },
  // AWS refuses to unsubscribe what its endpoint has not confirmed; such a subscription lapses by itself.
  async remove(SubscriptionArn, aws) {
    try {
      await aws.get(SNSClient).send(new UnsubscribeCommand({ SubscriptionArn }));
    } catch (error) {
      const pending = error instanceof Error && /pending confirmation/i.test(error.message);
      if (!(pending && errorCode(error).startsWith("InvalidParameter"))) throw error;
    }
  },
});
