import {
  CodePipelineClient,
  CreatePipelineCommand,
  DeletePipelineCommand,
  GetPipelineCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePipelineCommand,
} from "@aws-sdk/client-codepipeline";
import type { PipelineArgs } from "@pulumi/aws/codepipeline";
import { list, map, number, object, set, text, type Field, type FieldOptions } from "../fields";
import { defineType, must, tags } from "../resourceType";
import { keyed, settleTags } from "../tagging";
import { declaration, live } from "./codepipelineShapes";

const condition = (options: FieldOptions = {}): Field =>
  object(
    {
      result: text(),
      rules: list(
        object({
          name: text({ required: true }),
          commands: list(text()),
          configuration: map(text()),
          inputArtifacts: list(text()),
          region: text(),
          roleArn: text(),
          ruleTypeId: object(
            {
              category: text({ required: true }),
              owner: text({ default: "AWS" }),
              provider: text({ required: true }),
              version: text({ default: "1" }),
            },
            { required: true },
          ),
          timeoutInMinutes: number(),
        }),
        { required: true },
      ),
    },
    options,
  );

const filter = object({ includes: set(text()), excludes: set(text()) });

const action = object({
  category: text({ required: true }),
  owner: text({ required: true }),
  provider: text({ required: true }),
  version: text({ required: true }),
  name: text({ required: true }),
  commands: list(text()),
  configuration: map(text()),
  inputArtifacts: list(text()),
  namespace: text(),
  outputArtifacts: list(text()),
  outputVariables: list(text()),
  region: text({ computed: true }),
  roleArn: text(),
  runOrder: number({ default: 1 }),
  timeoutInMinutes: number(),
});

export const pipeline = defineType<PipelineArgs>({
  token: "aws:codepipeline/pipeline:Pipeline",
  fields: {
    artifactStores: set(
      object({
        location: text({ required: true }),
        type: text({ required: true }),
        region: text(),
        encryptionKey: object({ id: text({ required: true }), type: text({ required: true }) }),
      }),
      { required: true },
    ),
    executionMode: text({ default: "SUPERSEDED" }),
    name: text({ replaces: true }),
    pipelineType: text({ default: "V1" }),
    roleArn: text({ required: true }),
    stages: list(
      object({
        name: text({ required: true }),
        actions: list(action, { required: true }),
        beforeEntry: object({ condition: condition({ required: true }) }),
        onSuccess: object({ condition: condition({ required: true }) }),
        onFailure: object({
          condition: condition(),
          result: text(),
          retryConfiguration: object({ retryMode: text() }),
        }),
      }),
      { required: true },
    ),
    tags,
    // AWS adds a trigger of its own for a connection's source, where none is said.
    triggers: list(
      object({
        providerType: text({ required: true }),
        gitConfiguration: object(
          {
            sourceActionName: text({ required: true }),
            pushes: list(object({ branches: filter, filePaths: filter, tags: filter })),
            pullRequests: list(object({ branches: filter, events: set(text()), filePaths: filter })),
          },
          { required: true },
        ),
      }),
      { computed: true },
    ),
    variables: list(object({ name: text({ required: true }), defaultValue: text(), description: text() })),
  },
  outputs: ["arn", "triggerAlls"],
  name: { property: "name", max: 100 },
  identity: ["name"],
  tagged: true,
  gone: ["PipelineNotFoundException"],
  async create(inputs, aws) {
    await aws.get(CodePipelineClient).send(
      new CreatePipelineCommand({
        pipeline: declaration(inputs),
        tags: keyed(inputs.tagsAll, "key", "value"),
      }),
    );
    return must(inputs.name, "name");
  },
  async update(name, inputs, aws, olds) {
    const codepipeline = aws.get(CodePipelineClient);
    await codepipeline.send(new UpdatePipelineCommand({ pipeline: declaration(inputs) }));
    const { metadata } = await codepipeline.send(new GetPipelineCommand({ name }));
    const resourceArn = metadata?.pipelineArn;
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (tagKeys) => codepipeline.send(new UntagResourceCommand({ resourceArn, tagKeys })),
      tag: (wanted) => codepipeline.send(new TagResourceCommand({ resourceArn, tags: keyed(wanted, "key", "value") })),
    });
  },
  async read(name, aws) {
    const codepipeline = aws.get(CodePipelineClient);
    const { pipeline: found, metadata } = await codepipeline.send(new GetPipelineCommand({ name }));
    if (found === undefined) return undefined;
    const resourceArn = metadata?.pipelineArn;
    const { tags: pairs } = await codepipeline.send(new ListTagsForResourceCommand({ resourceArn }));
    const inputs = live(found);
    return {
      inputs: { ...inputs, tags: Object.fromEntries((pairs ?? []).map(({ key, value }) => [key, value])) },
      outputs: { arn: resourceArn, triggerAlls: inputs["triggers"] ?? [] },
    };
  },
  async remove(name, aws) {
    await aws.get(CodePipelineClient).send(new DeletePipelineCommand({ name }));
  },
});
