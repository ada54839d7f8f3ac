import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  type Architecture,
  type CreateFunctionCommandInput,
  type FunctionCode,
  type GetFunctionCommandOutput,
} from "@aws-sdk/client-lambda";
import type { FunctionArgs } from "@pulumi/aws/lambda";
import { bytesOf } from "../assets";
import type { Clients } from "../clients";
import { asset, list, map, number, object, set, text, flag } from "../fields";
import { defineType, must, tags, type Inputs } from "../resourceType";
import { settleTags } from "../tagging";
import { canonical } from "../values";

type FunctionInputs = Inputs<FunctionArgs>;

/** Seconds that a function may take to become active or updated. */
const MAX_WAIT = 300;

function codeOf(inputs: FunctionInputs): FunctionCode {
  if (inputs.code !== undefined) return { ZipFile: bytesOf(inputs.code) };
  return { S3Bucket: inputs.s3Bucket, S3Key: inputs.s3Key, S3ObjectVersion: inputs.s3ObjectVersion };
}

type Configuration = Omit<CreateFunctionCommandInput, "FunctionName" | "Code" | "Tags" | "Architectures">;

function configuration(inputs: FunctionInputs): Configuration {
  const { loggingConfig: logging, vpcConfig } = inputs;
  const words = {
    Role: inputs.role,
    Runtime: inputs.runtime,
    Handler: inputs.handler,
    Description: inputs.description ?? "",
    MemorySize: inputs.memorySize ?? 128,
    Timeout: inputs.timeout ?? 3,
    Environment: { Variables: inputs.environment?.variables ?? {} },
    DeadLetterConfig: { TargetArn: inputs.deadLetterConfig?.targetArn ?? "" },
    KMSKeyArn: inputs.kmsKeyArn ?? "",
    Layers: inputs.layers ?? [],
    TracingConfig: { Mode: inputs.tracingConfig?.mode ?? "PassThrough" },
    EphemeralStorage: { Size: inputs.ephemeralStorage?.size ?? 512 },
    LoggingConfig: logging && {
      LogFormat: logging.logFormat,
      LogGroup: logging.logGroup,
      ApplicationLogLevel: logging.applicationLogLevel,
      SystemLogLevel: logging.systemLogLevel,
    },
    VpcConfig: vpcConfig && { SubnetIds: vpcConfig.subnetIds, SecurityGroupIds: vpcConfig.securityGroupIds },
  };
  return words as Configuration;
}

async function settleConcurrency(FunctionName: string, inputs: FunctionInputs, aws: Clients): Promise<void> {
  const reserved = inputs.reservedConcurrentExecutions ?? -1;
  const lambda = aws.get(LambdaClient);
  if (reserved < 0) await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
  else {
    const ReservedConcurrentExecutions = reserved;
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  }
}

export const lambdaFunction = defineType<FunctionArgs>({
  token: "aws:lambda/function:Function",
  fields: {
    architectures: list(text(), { default: ["x86_64"] }),
    code: asset(),
    deadLetterConfig: object({ targetArn: text({ required: true }) }),
    description: text(),
    environment: object({ variables: map(text()) }),
    ephemeralStorage: object({ size: number({ default: 512 }) }, { default: { size: 512 } }),
    handler: text(),
    kmsKeyArn: text(),
    layers: list(text()),
    loggingConfig: object(
      {
        applicationLogLevel: text(),
        logFormat: text({ required: true }),
        logGroup: text({ computed: true }),
        systemLogLevel: text(),
      },
      { computed: true },
    ),
    memorySize: number({ default: 128 }),
    name: text({ replaces: true }),
    packageType: text({ replaces: true, default: "Zip" }),
    publish: flag({ default: false }),
    reservedConcurrentExecutions: number({ default: -1 }),
    role: text({ required: true }),
    runtime: text(),
    s3Bucket: text(),
    s3Key: text(),
    s3ObjectVersion: text(),
    // A mark of the code that the program makes itself: a change of it uploads again.
    sourceCodeHash: text({ computed: true }),
    tags,
    timeout: number({ default: 3 }),
    tracingConfig: object({ mode: text({ required: true }) }, { default: { mode: "PassThrough" } }),
    vpcConfig: object({
      subnetIds: set(text(), { required: true }),
      securityGroupIds: set(text(), { required: true }),
    }),
  },
  outputs: ["arn", "codeSha256", "invokeArn", "lastModified", "qualifiedArn", "sourceCodeSize", "version"],
  volatile: ["codeSha256", "lastModified", "qualifiedArn", "sourceCodeSize", "version"],
  name: { property: "name", max: 64 },
  identity: ["name"],
  tagged: true,
  gone: ["ResourceNotFoundException"],
  async create(inputs, aws, made) {
    const FunctionName = must(inputs.name, "name");
    const client = aws.get(LambdaClient);
    await client.send(
      new CreateFunctionCommand({
        ...configuration(inputs),
        FunctionName,
        Code: codeOf(inputs),
        Architectures: inputs.architectures as Architecture[] | undefined,
        Publish: inputs.publish,
        Tags: inputs.tagsAll,
      }),
    );
    made(FunctionName);
    await waitUntilFunctionActiveV2({ client, maxWaitTime: MAX_WAIT, minDelay: 0.2, maxDelay: 5 }, { FunctionName });
    if ((inputs.reservedConcurrentExecutions ?? -1) >= 0) await settleConcurrency(FunctionName, inputs, aws);
    return FunctionName;
  },
  async update(FunctionName, inputs, aws, olds) {
    const client = aws.get(LambdaClient);
    // Lambda refuses a second change while the first is on its way.
    const settled = (): Promise<unknown> =>
      waitUntilFunctionUpdatedV2({ client, maxWaitTime: MAX_WAIT, minDelay: 0.2, maxDelay: 5 }, { FunctionName });
    await client.send(new UpdateFunctionConfigurationCommand({ ...configuration(inputs), FunctionName }));
    await settled();
    if (codeMark(inputs) !== codeMark(olds)) {
      const Architectures = inputs.architectures as Architecture[] | undefined;
      const code = { ...codeOf(inputs), Architectures, Publish: inputs.publish };
      await client.send(new UpdateFunctionCodeCommand({ FunctionName, ...code }));
      await settled();
    }
    await settleConcurrency(FunctionName, inputs, aws);
    const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName }));
    const Resource = Configuration?.FunctionArn;
    await settleTags(olds.tagsAll, inputs.tagsAll, {
      untag: (TagKeys) => client.send(new UntagResourceCommand({ Resource, TagKeys })),
      tag: (wanted) => client.send(new TagResourceCommand({ Resource, Tags: wanted })),
    });
  },
  async read(FunctionName, aws) {
    const found = await aws.get(LambdaClient).send(new GetFunctionCommand({ FunctionName }));
    const { FunctionArn: arn = "", Version: version = "$LATEST", ...rest } = found.Configuration ?? {};
    const invocations = `arn:aws:apigateway:${aws.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    return {
      inputs: live(FunctionName, found),
      outputs: {
        arn,
        codeSha256: rest.CodeSha256,
        invokeArn: invocations,
        lastModified: rest.LastModified,
        qualifiedArn: `${arn}:${version}`,
        sourceCodeSize: rest.CodeSize,
        version,
      },
    };
  },
  async remove(FunctionName, aws) {
    await aws.get(LambdaClient).send(new DeleteFunctionCommand({ FunctionName }));
  },
});

/** Changes when the code does: the hash of the archive, or where in S3 it lies. */
function codeMark(inputs: FunctionInputs): string {
  const { code, s3Bucket, s3Key, s3ObjectVersion, sourceCodeHash, architectures } = inputs;
  const hash = (code as unknown as { hash?: string } | undefined)?.hash;
  return canonical([hash, s3Bucket, s3Key, s3ObjectVersion, sourceCodeHash, architectures].map((part) => part ?? null));
}

function live(name: string, found: GetFunctionCommandOutput): { readonly [K in keyof FunctionArgs]?: unknown } {
  const { Configuration: is, Concurrency, Tags } = found;
  const { LoggingConfig: logging } = is ?? {};
  const variables = is?.Environment?.Variables ?? {};
  return {
    name: is?.FunctionName ?? name,
    role: is?.Role,
    runtime: is?.Runtime,
    handler: is?.Handler,
    description: is?.Description || undefined,
    memorySize: is?.MemorySize,
    timeout: is?.Timeout,
    environment: Object.keys(variables).length === 0 ? undefined : { variables },
    deadLetterConfig: is?.DeadLetterConfig?.TargetArn ? { targetArn: is.DeadLetterConfig.TargetArn } : undefined,
    kmsKeyArn: is?.KMSKeyArn || undefined,
    architectures: is?.Architectures,
    tracingConfig: { mode: is?.TracingConfig?.Mode ?? "PassThrough" },
    reservedConcurrentExecutions: Concurrency?.ReservedConcurrentExecutions ?? -1,
    loggingConfig: logging && {
      logFormat: logging.LogFormat,
      logGroup: logging.LogGroup,
      applicationLogLevel: logging.ApplicationLogLevel,
      systemLogLevel: logging.SystemLogLevel,
    },
    tags: Tags ?? {},
  };
}
