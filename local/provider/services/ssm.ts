import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  SSMClient,
  type ParameterTier,
  type ParameterType,
} from "@aws-sdk/client-ssm";
import type { ParameterArgs } from "@pulumi/aws/ssm";
import { flag, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";

const ResourceType = "Parameter";

function request(inputs: Inputs<ParameterArgs>): {
  Value: string | undefined;
  Type: ParameterType;
  Description: string | undefined;
  KeyId: string | undefined;
  Tier: ParameterTier | undefined;
  AllowedPattern: string | undefined;
  DataType: string | undefined;
} {
  return {
    Value: inputs.value ?? inputs.insecureValue,
    Type: inputs.type as ParameterType,
    Description: inputs.description,
    KeyId: inputs.keyId,
    Tier: inputs.tier as ParameterTier | undefined,
    AllowedPattern: inputs.allowedPattern,
    DataType: inputs.dataType,
  };
}

export const parameter = defineType<ParameterArgs>({
  token: "aws:ssm/parameter:Parameter",
  fields: {
    allowedPattern: text(),
    dataType: text({ replaces: true, computed: true }),
    description: text(),
    // The one of the two that is meant to be seen in state and previews.
    insecureValue: text(),
    keyId: text({ computed: true }),
    name: text({ replaces: true }),
    overwrite: flag(),
    tags,
    tier: text({ default: "Standard" }),
    type: text({ required: true }),
    value: text({ secret: true }),
  },
  outputs: ["arn", "version"],
  volatile: ["version"],
  name: { property: "name", max: 1011 },
  identity: ["name"],
  tagged: true,
  gone: ["ParameterNotFound", "InvalidResourceId"],
  async create(inputs, aws) {
    const Name = must(inputs.name, "name");
    // SSM refuses tags together with Overwrite.
    const Tags = inputs.overwrite ? undefined : pairs(inputs.tagsAll);
    const ssm = aws.get(SSMClient);
    await ssm.send(new PutParameterCommand({ Name, ...request(inputs), Overwrite: inputs.overwrite, Tags }));
    if (inputs.overwrite && Object.keys(inputs.tagsAll ?? {}).length > 0) {
      const late = pairs(inputs.tagsAll);
      await ssm.send(new AddTagsToResourceCommand({ ResourceType, ResourceId: Name, Tags: late }));
    }
    return Name;
  },
  async update(Name, inputs, aws, olds) {
    const ssm = aws.get(SSMClient);
    await ssm.send(
      new PutParameterCommand({ Name, ...request(inputs), Description: inputs.description ?? "", Overwrite: true }),
    );
    const resource = { ResourceType, ResourceId: Name } as const;
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => ssm.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys })),
      tag: (wanted) => ssm.send(new AddTagsToResourceCommand({ ...resource, Tags: pairs(wanted) })),
    });
  },
  async read(Name, aws, inputs) {
    const ssm = aws.get(SSMClient);
    const { Parameter: found } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    const ParameterFilters = [{ Key: "Name", Option: "Equals", Values: [Name] }];
    const { Parameters } = await ssm.send(new DescribeParametersCommand({ ParameterFilters }));
    const { TagList } = await ssm.send(new ListTagsForResourceCommand({ ResourceType, ResourceId: Name }));
    const [details] = Parameters ?? [];
    return {
      inputs: {
        name: found?.Name,
        type: found?.Type,
        ...(inputs.insecureValue === undefined ? { value: found?.Value } : { insecureValue: found?.Value }),
        description: details?.Description || undefined,
        allowedPattern: details?.AllowedPattern,
        keyId: details?.KeyId,
        tier: details?.Tier,
        dataType: found?.DataType,
        tags: fromPairs(TagList),
      },
      outputs: { arn: found?.ARN, version: found?.Version },
    };
  },
  async remove(Name, aws) {
    await aws.get(SSMClient).send(new DeleteParameterCommand({ Name }));
  },
});
