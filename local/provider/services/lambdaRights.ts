import {
  AddPermissionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  GetFunctionRecursionConfigCommand,
  GetPolicyCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
  PutFunctionRecursionConfigCommand,
  RemovePermissionCommand,
  type RecursiveLoop,
} from "@aws-sdk/client-lambda";
import type { FunctionEventInvokeConfigArgs, FunctionRecursionConfigArgs, PermissionArgs } from "@pulumi/aws/lambda";
import type { Clients } from "../clients";
import { number, object, parseJson, text } from "../fields";
import { defineType, must, type Inputs } from "../resourceType";

const gone = ["ResourceNotFoundException"];
const fixed = text({ replaces: true });

interface Statement {
  readonly Sid: string;
  readonly Action: string;
  readonly Principal: string | { readonly Service?: string; readonly AWS?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
}

/** The function's own statements are looked up by name: the id is the statement's id, as the real provider's. */
async function findStatement(sid: string, FunctionName: string, aws: Clients): Promise<Statement | undefined> {
  const { Policy } = await aws.get(LambdaClient).send(new GetPolicyCommand({ FunctionName }));
  const document = parseJson(Policy ?? "{}") as { readonly Statement?: readonly Statement[] } | undefined;
  return document?.Statement?.find(({ Sid }) => Sid === sid);
}

export const permission = defineType<PermissionArgs>({
  token: "aws:lambda/permission:Permission",
  fields: {
    action: text({ required: true, replaces: true }),
    eventSourceToken: fixed,
    function: text({ required: true, replaces: true }),
    principal: text({ required: true, replaces: true }),
    qualifier: fixed,
    sourceAccount: fixed,
    sourceArn: fixed,
    statementId: fixed,
  },
  outputs: [],
  name: { property: "statementId", max: 100 },
  identity: ["function", "statementId"],
  gone,
  async create(inputs, aws) {
    const StatementId = must(inputs.statementId, "statementId");
    await aws.get(LambdaClient).send(
      new AddPermissionCommand({
        StatementId,
        Action: inputs.action,
        FunctionName: inputs.function as string,
        Principal: inputs.principal,
        Qualifier: inputs.qualifier,
        SourceAccount: inputs.sourceAccount,
        SourceArn: inputs.sourceArn,
        EventSourceToken: inputs.eventSourceToken,
      }),
    );
    return StatementId;
  },
  async read(id, aws, inputs) {
    // For import the id is `function/statementId`.
    const [first = "", second] = id.split("/");
    const [name, sid] = second === undefined ? [inputs.function as string, first] : [first, second];
    const found = await findStatement(sid, name, aws);
    if (found === undefined) return undefined;
    const { Principal, Condition } = found;
    return {
      id: sid,
      inputs: {
        action: found.Action,
        function: name,
        principal: typeof Principal === "string" ? Principal : (Principal.Service ?? Principal.AWS),
        statementId: sid,
        sourceArn: Condition?.["ArnLike"]?.["AWS:SourceArn"],
        sourceAccount: Condition?.["StringEquals"]?.["AWS:SourceAccount"],
      },
      outputs: {},
    };
  },
  async remove(StatementId, aws, inputs) {
    const FunctionName = inputs.function as string;
    await aws
      .get(LambdaClient)
      .send(new RemovePermissionCommand({ FunctionName, StatementId, Qualifier: inputs.qualifier }));
  },
});

const destination = object({ destination: text({ required: true }) });

async function putConfig(inputs: Inputs<FunctionEventInvokeConfigArgs>, aws: Clients): Promise<void> {
  const { onFailure, onSuccess } = inputs.destinationConfig ?? {};
  await aws.get(LambdaClient).send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: inputs.functionName,
      Qualifier: inputs.qualifier,
      MaximumEventAgeInSeconds: inputs.maximumEventAgeInSeconds,
      MaximumRetryAttempts: inputs.maximumRetryAttempts ?? 2,
      DestinationConfig: {
        ...(onFailure === undefined ? {} : { OnFailure: { Destination: onFailure.destination } }),
        ...(onSuccess === undefined ? {} : { OnSuccess: { Destination: onSuccess.destination } }),
      },
    }),
  );
}

export const functionEventInvokeConfig = defineType<FunctionEventInvokeConfigArgs>({
  token: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  fields: {
    destinationConfig: object({ onFailure: destination, onSuccess: destination }),
    functionName: text({ required: true, replaces: true }),
    maximumEventAgeInSeconds: number({ computed: true }),
    maximumRetryAttempts: number({ default: 2 }),
    qualifier: fixed,
  },
  outputs: [],
  identity: ["functionName", "qualifier"],
  gone,
  async create(inputs, aws) {
    await putConfig(inputs, aws);
    return inputs.qualifier === undefined ? inputs.functionName : `${inputs.functionName}:${inputs.qualifier}`;
  },
  async update(_id, inputs, aws) {
    await putConfig(inputs, aws);
  },
  async read(id, aws, inputs) {
    const FunctionName = inputs.functionName ?? id;
    const found = await aws
      .get(LambdaClient)
      .send(new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: inputs.qualifier }));
    const { OnFailure, OnSuccess } = found.DestinationConfig ?? {};
    const onFailure = OnFailure?.Destination === undefined ? undefined : { destination: OnFailure.Destination };
    const onSuccess = OnSuccess?.Destination === undefined ? undefined : { destination: OnSuccess.Destination };
    return {
      inputs: {
        functionName: FunctionName,
        maximumEventAgeInSeconds: found.MaximumEventAgeInSeconds,
        maximumRetryAttempts: found.MaximumRetryAttempts,
        destinationConfig: onFailure || onSuccess ? { onFailure, onSuccess } : undefined,
      },
      outputs: {},
    };
  },
  async remove(_id, aws, inputs) {
    const FunctionName = inputs.functionName;
    await aws
      .get(LambdaClient)
      .send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: inputs.qualifier }));
  },
});

async function putRecursion(FunctionName: string, loop: string, aws: Clients): Promise<void> {
  const RecursiveLoop = loop as RecursiveLoop;
  await aws.get(LambdaClient).send(new PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop }));
}

/** Every function has one: deleting the resource brings Lambda's own setting back. */
export const functionRecursionConfig = defineType<FunctionRecursionConfigArgs>({
  token: "aws:lambda/functionRecursionConfig:FunctionRecursionConfig",
  fields: {
    functionName: text({ required: true, replaces: true }),
    recursiveLoop: text({ required: true }),
  },
  outputs: [],
  identity: ["functionName"],
  gone,
  async create(inputs, aws) {
    await putRecursion(inputs.functionName, inputs.recursiveLoop, aws);
    return inputs.functionName;
  },
  async update(id, inputs, aws) {
    await putRecursion(id, inputs.recursiveLoop, aws);
  },
  async read(id, aws) {
    const found = await aws.get(LambdaClient).send(new GetFunctionRecursionConfigCommand({ FunctionName: id }));
    return { inputs: { functionName: id, recursiveLoop: found.RecursiveLoop }, outputs: {} };
  },
  async remove(id, aws) {
    await putRecursion(id, "Terminate", aws);
  },
});
