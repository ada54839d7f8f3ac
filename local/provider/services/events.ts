import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type RuleState,
  type Target,
} from "@aws-sdk/client-eventbridge";
import type { EventRuleArgs, EventTargetArgs } from "@pulumi/aws/cloudwatch";
import type { Clients } from "../clients";
import { flag, json, map, number, object, text } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { fromPairs, pairs, settleTags } from "../tagging";

const gone = ["ResourceNotFoundException"];

/** `isEnabled` is the older way to say `state`. */
const stateOf = (inputs: Inputs<EventRuleArgs>): RuleState =>
  (inputs.state ?? (inputs.isEnabled === false ? "DISABLED" : "ENABLED")) as RuleState;

async function putRule(inputs: Inputs<EventRuleArgs>, aws: Clients, isNew: boolean): Promise<string> {
  const { RuleArn } = await aws.get(EventBridgeClient).send(
    new PutRuleCommand({
      Name: inputs.name,
      Description: inputs.description ?? (isNew ? undefined : ""),
      EventBusName: inputs.eventBusName,
      EventPattern: inputs.eventPattern,
      RoleArn: inputs.roleArn,
      ScheduleExpression: inputs.scheduleExpression,
      State: stateOf(inputs),
      ...(isNew ? { Tags: pairs(inputs.tagsAll) } : {}),
    }),
  );
  return must(RuleArn, "RuleArn");
}

/** On the default bus the id is the name; on another one `bus/name`. */
function splitRuleId(id: string): { EventBusName: string; Name: string } {
  const at = id.lastIndexOf("/");
  return at < 0 ? { EventBusName: "default", Name: id } : { EventBusName: id.slice(0, at), Name: id.slice(at + 1) };
}

export const eventRule = defineType<EventRuleArgs>({
  token: "aws:cloudwatch/eventRule:EventRule",
  fields: {
    description: text(),
    eventBusName: text({ replaces: true, default: "default" }),
    eventPattern: json(),
    forceDestroy: flag({ default: false }),
    isEnabled: flag(),
    name: text({ replaces: true }),
    roleArn: text(),
    scheduleExpression: text(),
    state: text({ default: "ENABLED" }),
    tags,
  },
  outputs: ["arn"],
  name: { property: "name", max: 64 },
  identity: ["name", "eventBusName"],
  tagged: true,
  gone,
  async create(inputs, aws) {
    await putRule(inputs, aws, true);
    const bus = inputs.eventBusName ?? "default";
    return bus === "default" ? must(inputs.name, "name") : `${bus}/${must(inputs.name, "name")}`;
  },
  async update(_id, inputs, aws, olds) {
    const ResourceARN = await putRule(inputs, aws, false);
    const events = aws.get(EventBridgeClient);
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => events.send(new UntagResourceCommand({ ResourceARN, TagKeys })),
      tag: (wanted) => events.send(new TagResourceCommand({ ResourceARN, Tags: pairs(wanted) })),
    });
  },
  async read(id, aws, inputs) {
    const events = aws.get(EventBridgeClient);
    const found = await events.send(new DescribeRuleCommand(splitRuleId(id)));
    const { Tags } = await events.send(new ListTagsForResourceCommand({ ResourceARN: found.Arn }));
    return {
      inputs: {
        name: found.Name,
        description: found.Description || undefined,
        eventBusName: found.EventBusName,
        eventPattern: found.EventPattern,
        roleArn: found.RoleArn || undefined,
        scheduleExpression: found.ScheduleExpression || undefined,
        ...(inputs.isEnabled === undefined ? { state: found.State } : { isEnabled: found.State === "ENABLED" }),
        tags: fromPairs(Tags),
      },
      outputs: { arn: found.Arn },
    };
  },
  async remove(id, aws, inputs) {
    await aws.get(EventBridgeClient).send(new DeleteRuleCommand({ ...splitRuleId(id), Force: inputs.forceDestroy }));
  },
});

function toTarget(Id: string, inputs: Inputs<EventTargetArgs>): Target {
  const { inputTransformer, retryPolicy, deadLetterConfig } = inputs;
  return {
    Id,
    Arn: inputs.arn,
    RoleArn: inputs.roleArn,
    Input: inputs.input,
    InputPath: inputs.inputPath,
    InputTransformer: inputTransformer && {
      InputPathsMap: inputTransformer.inputPaths,
      InputTemplate: inputTransformer.inputTemplate,
    },
    DeadLetterConfig: deadLetterConfig && { Arn: deadLetterConfig.arn },
    RetryPolicy: retryPolicy && {
      MaximumEventAgeInSeconds: retryPolicy.maximumEventAgeInSeconds,
      MaximumRetryAttempts: retryPolicy.maximumRetryAttempts,
    },
  };
}

async function putTarget(inputs: Inputs<EventTargetArgs>, aws: Clients): Promise<void> {
  const { FailedEntries } = await aws.get(EventBridgeClient).send(
    new PutTargetsCommand({
      Rule: inputs.rule,
      EventBusName: inputs.eventBusName,
      Targets: [toTarget(must(inputs.targetId, "targetId"), inputs)],
    }),
  );
  const [failed] = FailedEntries ?? [];
  if (failed !== undefined) throw new Error(`${failed.ErrorCode ?? "unknown error"}: ${failed.ErrorMessage ?? ""}`);
}

export const eventTarget = defineType<EventTargetArgs>({
  token: "aws:cloudwatch/eventTarget:EventTarget",
  fields: {
    arn: text({ required: true }),
    deadLetterConfig: object({ arn: text() }),
    eventBusName: text({ replaces: true, default: "default" }),
    input: json(),
    inputPath: text(),
    inputTransformer: object({ inputPaths: map(text()), inputTemplate: text({ required: true }) }),
    retryPolicy: object(
      { maximumEventAgeInSeconds: number(), maximumRetryAttempts: number() },
      // What EventBridge does where nothing is said: a day, 185 attempts.
      { computed: true },
    ),
    roleArn: text(),
    rule: text({ required: true, replaces: true }),
    targetId: text({ replaces: true }),
  },
  outputs: [],
  name: { property: "targetId", max: 64 },
  identity: ["rule", "targetId", "eventBusName"],
  gone,
  async create(inputs, aws) {
    await putTarget(inputs, aws);
    return [inputs.eventBusName ?? "default", inputs.rule, must(inputs.targetId, "targetId")].join("/");
  },
  async update(_id, inputs, aws) {
    await putTarget(inputs, aws);
  },
  async read(id, aws) {
    const [EventBusName = "", Rule = "", targetId = ""] = id.split("/");
    const { Targets } = await aws.get(EventBridgeClient).send(new ListTargetsByRuleCommand({ Rule, EventBusName }));
    const found = Targets?.find((target) => target.Id === targetId);
    if (found === undefined) return undefined;
    const { InputTransformer, RetryPolicy, DeadLetterConfig } = found;
    return {
      inputs: {
        arn: found.Arn,
        rule: Rule,
        eventBusName: EventBusName,
        targetId,
        roleArn: found.RoleArn || undefined,
        input: found.Input || undefined,
        inputPath: found.InputPath || undefined,
        inputTransformer: InputTransformer && {
          inputPaths: InputTransformer.InputPathsMap,
          inputTemplate: InputTransformer.InputTemplate,
        },
        deadLetterConfig: DeadLetterConfig && { arn: DeadLetterConfig.Arn },
        retryPolicy: RetryPolicy && {
          maximumEventAgeInSeconds: RetryPolicy.MaximumEventAgeInSeconds,
          maximumRetryAttempts: RetryPolicy.MaximumRetryAttempts,
        },
      },
      outputs: {},
    };
  },
  async remove(id, aws) {
    const [EventBusName = "", Rule = "", targetId = ""] = id.split("/");
    await aws.get(EventBridgeClient).send(new RemoveTargetsCommand({ Rule, EventBusName, Ids: [targetId] }));
  },
});
