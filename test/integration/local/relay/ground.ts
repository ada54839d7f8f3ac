import { EventBridgeClient, PutRuleCommand, PutTargetsCommand, type Target } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
  type Message,
} from "@aws-sdk/client-sqs";
import { strToU8, zipSync } from "fflate";
import { setTimeout as sleep } from "node:timers/promises";

const ACCOUNT = "000000000000";
export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
export const ruleArn = (name: string) => `arn:aws:events:us-east-1:${ACCOUNT}:rule/${name}`;

/** Tells a queue all that it is given, with its process; fails, dies or waits when the event says so. */
const HANDLER = `
const { SQSClient, SendMessageCommand } = require(process.env.SQS_CLIENT);
const sqs = new SQSClient({});
exports.handler = async (event) => {
  const MessageBody = JSON.stringify({ event, pid: process.pid, color: process.env.COLOR });
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody }));
  const { behave } = event.detail ?? event;
  if (behave === "fail") throw new Error("as asked");
  if (behave === "wait") await new Promise((resolve) => setTimeout(resolve, 20000));
  return { got: event["detail-type"] };
};`;

/** Functions, rules and queues in a local cloud, made as its root. */
export class Ground {
  private readonly clients;

  constructor(private readonly endpoint: string) {
    const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
    this.clients = {
      events: new EventBridgeClient(config),
      iam: new IAMClient(config),
      lambda: new LambdaClient(config),
      sqs: new SQSClient(config),
    };
  }

  queueUrl(name: string): string {
    return `${this.endpoint}/${ACCOUNT}/${name}`;
  }

  /** A queue that EventBridge may send to. */
  async queue(name: string): Promise<void> {
    const Policy = allow({ Service: "events.amazonaws.com" }, "sqs:SendMessage", queueArn(name));
    await this.clients.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
  }

  /** A function that reports to the queue of the same name; `deadLetters` is the name of another one. */
  async reporter(name: string, deadLetters?: string): Promise<string> {
    await this.queue(name);
    const { iam, lambda } = this.clients;
    const trust = allow({ Service: "lambda.amazonaws.com" }, "sts:AssumeRole");
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
    const send = allow(undefined, "sqs:SendMessage", queueArn(name));
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: "report", PolicyDocument: send }));
    const { FunctionArn = "" } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Role: Role?.Arn,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Timeout: 60,
        Code: { ZipFile: zipSync({ "index.js": strToU8(HANDLER) }) },
        Environment: {
          Variables: {
            QUEUE_URL: this.queueUrl(name),
            SQS_CLIENT: require.resolve("@aws-sdk/client-sqs"),
            COLOR: "blue",
          },
        },
        ...(deadLetters === undefined ? {} : { DeadLetterConfig: { TargetArn: queueArn(deadLetters) } }),
      }),
    );
    // One at a time: what comes meanwhile is throttled, and must not be lost.
    const one = { FunctionName: name, ReservedConcurrentExecutions: 1 };
    await lambda.send(new PutFunctionConcurrencyCommand(one));
    return FunctionArn;
  }

  /** Lets EventBridge invoke the function for this rule alone. */
  async permit(functionName: string, rule: string): Promise<void> {
    await this.clients.lambda.send(
      new AddPermissionCommand({
        FunctionName: functionName,
        StatementId: rule,
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
        SourceArn: ruleArn(rule),
      }),
    );
  }

  async rule(
    Name: string,
    when: { pattern: object } | { schedule: string },
    target: Omit<Target, "Id">,
  ): Promise<void> {
    const { events } = this.clients;
    const trigger =
      "pattern" in when ? { EventPattern: JSON.stringify(when.pattern) } : { ScheduleExpression: when.schedule };
    await events.send(new PutRuleCommand({ Name, ...trigger }));
    await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: "target", ...target }] }));
  }

  /** The next messages of a queue, taken out of it. @throws Error when they do not come. */
  async messages(queue: string, count: number, patienceMs = 15_000): Promise<readonly Message[]> {
    const QueueUrl = this.queueUrl(queue);
    const got: Message[] = [];
    for (const end = Date.now() + patienceMs; got.length < count;) {
      if (Date.now() > end) throw new Error(`${queue}: ${got.length} of ${count} messages: ${JSON.stringify(got)}`);
      const { Messages = [] } = await this.clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ["All"], MaxNumberOfMessages: 10 }),
      );
      for (const message of Messages) {
        got.push(message);
        const { ReceiptHandle } = message;
        await this.clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      if (Messages.length === 0) await sleep(100);
    }
    return got;
  }

  /** What functions have reported. */
  async reports(queue: string, count: number, patienceMs?: number): Promise<readonly Report[]> {
    const messages = await this.messages(queue, count, patienceMs);
    return messages.map(({ Body = "" }) => JSON.parse(Body) as Report);
  }

  close(): void {
    for (const client of Object.values(this.clients)) client.destroy();
  }
}

export interface Report {
  readonly event: Record<string, unknown> & { readonly detail: Record<string, unknown> };
  readonly pid: number;
  readonly color: string;
}

function allow(principal: object | undefined, action: string, resource?: string): string {
  const statement = { Effect: "Allow", Principal: principal, Action: action, Resource: resource };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}
