import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Envelope } from "../cloud/eventBus";
import { type EmulatorAddress } from "../gateway/authorizer";
import { type Delivery, type DeliveryFailure } from "./delivery";

/** One rule's target that a scheduled event is meant for. */
export interface Addressee {
  readonly rule: string;
  readonly targetId: string;
}

/** What the relay needs of the rest of the cloud. */
export interface RelayPorts {
  /** Where an event has to go at this moment. */
  deliveriesOf(event: Envelope, addressee?: Addressee): Promise<readonly Delivery[]>;
  /** Hands the payload to a target; undefined when the target has taken it. */
  send(arn: string, payload: string): Promise<(DeliveryFailure & { readonly final: boolean }) | undefined>;
  sendToQueue(arn: string, body: string, attributes: Readonly<Record<string, string>>): Promise<void>;
  close(): void;
}

const TIMEOUT_MS = 30_000;

/** The emulator's rules and targets; `endpoint` is the gateway's, where every client goes. */
export function emulatorPorts(emulator: EmulatorAddress, endpoint: string, region: string): RelayPorts {
  // EventBridge acts as a service: what it may do was asked of the target's resource policy, not of an identity.
  const config = { endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" }, maxAttempts: 1 };
  const [lambda, sqs, sns] = [new LambdaClient(config), new SQSClient(config), new SNSClient(config)];
  const sendMessage = (arn: string, MessageBody: string, attributes: Readonly<Record<string, string>>) => {
    const [, , , , account, name] = arn.split(":");
    const values = Object.entries(attributes).map(
      ([key, StringValue]) => [key, { DataType: "String", StringValue }] as const,
    );
    const QueueUrl = `${endpoint}/${account}/${name}`;
    return sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes: Object.fromEntries(values) }));
  };
  const hand = async (arn: string, payload: string): Promise<unknown> => {
    const service = arn.split(":")[2];
    if (service === "lambda") {
      return lambda.send(new InvokeCommand({ FunctionName: arn, InvocationType: "Event", Payload: payload }));
    }
    if (service === "sqs") return sendMessage(arn, payload, {});
    if (service === "sns") return sns.send(new PublishCommand({ TopicArn: arn, Message: payload }));
    throw new Error(`no target of this kind is served: ${arn}`);
  };
  return {
    async deliveriesOf(event, delivery) {
      const response = await fetch(`${emulator.endpoint}/_kiro/deliveries`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-kiro-token": emulator.token },
        body: JSON.stringify({ event, delivery }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`the emulator answers ${response.status}: ${await response.text()}`);
      return (await response.json()) as readonly Delivery[];
    },
    async send(arn, payload) {
      try {
        await hand(arn, payload);
        return undefined;
      } catch (error) {
        return failureOf(error as AwsFailure);
      }
    },
    async sendToQueue(arn, body, attributes) {
      await sendMessage(arn, body, attributes);
    },
    close() {
      for (const client of [lambda, sqs, sns]) client.destroy();
    },
  };
}

interface AwsFailure extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** EventBridge tries again what may pass: throttling, an unreachable or broken service. */
function failureOf(error: AwsFailure): DeliveryFailure & { readonly final: boolean } {
  const status = error.$metadata?.httpStatusCode;
  const message = `${error.name}: ${error.message}`;
  if (status === 429) return { code: "THROTTLING", message, final: false };
  if (/NotFound|NonExistent|DoesNotExist/.test(error.name)) return { code: "NO_RESOURCE", message, final: true };
  return { code: "ERROR_FROM_TARGET", message, final: status !== undefined && status >= 400 && status < 500 };
}
