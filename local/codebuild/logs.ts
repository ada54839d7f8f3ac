import { createWriteStream, type WriteStream } from "node:fs";
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  type CloudWatchLogsClient,
  type InputLogEvent,
} from "@aws-sdk/client-cloudwatch-logs";
import { Masker } from "./masking";
import { describeError } from "./clients";

/** Limits of PutLogEvents: 1 MB with 26 bytes for each event, 10 000 events. */
const BATCH_BYTES = 1_000_000;
const BATCH_EVENTS = 10_000;
const EVENT_OVERHEAD_BYTES = 26;
const FLUSH_MS = 500;

/**
 * The log of one build: a file for humans and, once opened, a CloudWatch Logs stream. Lines are masked, kept in order,
 * sent in batches, and all sent when `close` resolves. Lines written before `open` are kept and sent then.
 */
export class BuildLog {
  readonly masker = new Masker();
  private readonly file: WriteStream;
  private fileError: Error | undefined;
  private readonly fileClosed: Promise<void>;
  private pending: InputLogEvent[] = [];
  private client: CloudWatchLogsClient | undefined;
  private sending: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    file: string,
    private readonly group: string,
    private readonly stream: string,
    private readonly now: () => Date,
    private readonly onProblem: (message: string) => void,
  ) {
    this.file = createWriteStream(file, { flags: "a" });
    this.file.on("error", (error) => (this.fileError = error));
    this.fileClosed = new Promise((resolve) => this.file.once("close", () => resolve()));
  }

  /** A line that the build's commands printed. */
  write(line: string): void {
    const masked = this.masker.mask(line);
    this.file.write(`${masked}\n`);
    // CloudWatch Logs refuses an empty message.
    this.pending.push({ timestamp: this.now().getTime(), message: masked === "" ? " \n" : `${masked}\n` });
    if (this.client !== undefined) this.timer ??= setTimeout(() => this.send(), FLUSH_MS).unref();
  }

  /** A line of CodeBuild itself, in its own form. */
  say(line: string): void {
    const stamp = this.now().toISOString().replace(/-/g, "/").replace("T", " ").replace("Z", "");
    this.write(`[Container] ${stamp} ${line}`);
  }

  /**
   * Makes the stream (and the group, where it is missing) with the build's own rights.
   * @throws the service's error, above all a denial: AWS then fails the build.
   */
  async open(client: CloudWatchLogsClient): Promise<void> {
    const names = { logGroupName: this.group, logStreamName: this.stream };
    try {
      await client.send(new CreateLogStreamCommand(names));
    } catch (error) {
      if (!(error instanceof Error && error.name === "ResourceNotFoundException")) throw error;
      await client.send(new CreateLogGroupCommand({ logGroupName: this.group }));
      await client.send(new CreateLogStreamCommand(names));
    }
    this.client = client;
    this.send();
  }

  /** Resolves when every line is in the file and sent. */
  async close(): Promise<void> {
    this.send();
    await this.sending;
    this.file.end();
    await this.fileClosed;
    if (this.fileError !== undefined) this.onProblem(`log file: ${this.fileError.message}`);
  }

  private send(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { client } = this;
    if (client === undefined) return;
    const batches = batchesOf(this.pending.splice(0));
    this.sending = this.sending.then(async () => {
      for (const logEvents of batches) {
        await client
          .send(new PutLogEventsCommand({ logGroupName: this.group, logStreamName: this.stream, logEvents }))
          // AWS goes on without a log when the role may not write to it.
          .catch((error: unknown) => this.onProblem(`${logEvents.length} log lines not sent: ${describeError(error)}`));
      }
    });
  }
}

/** Cuts events into batches that PutLogEvents accepts, in order. */
export function batchesOf(events: readonly InputLogEvent[]): InputLogEvent[][] {
  const batches: InputLogEvent[][] = [];
  let bytes = Infinity;
  for (const event of events) {
    const size = Buffer.byteLength(event.message ?? "") + EVENT_OVERHEAD_BYTES;
    let batch = batches.at(-1);
    if (batch === undefined || bytes + size > BATCH_BYTES || batch.length >= BATCH_EVENTS) {
      batches.push((batch = []));
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  return batches;
}
