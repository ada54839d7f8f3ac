import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { type DeadLetters } from "./ports";

/** Without waiting, SQS asks only some of its servers and may say that a queue with messages is empty. */
const WaitTimeSeconds = 1;

/** Dead letters in a queue of SQS. */
export async function sqsDeadLetters(client: SQSClient, QueueName: string): Promise<DeadLetters> {
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName }));
  return {
    async receive(MaxNumberOfMessages, VisibilityTimeout) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages,
          VisibilityTimeout,
          WaitTimeSeconds,
          MessageSystemAttributeNames: ["SentTimestamp"],
          MessageAttributeNames: ["All"],
        }),
      );
      return Messages.map(({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {} }) => ({
        id: MessageId ?? "?",
        receipt: ReceiptHandle ?? "",
        body: Body ?? "",
        sentAt: new Date(Number(Attributes?.SentTimestamp ?? 0)),
        attributes: Object.fromEntries(
          Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue ?? ""]),
        ),
      }));
    },
    async giveBack(letters) {
      for (const { receipt: ReceiptHandle } of letters) {
        await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      }
    },
    async remove({ receipt: ReceiptHandle }) {
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    },
  };
}
