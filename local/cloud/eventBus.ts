import { randomUUID } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { type AwsEvent, type EventSink } from "../services/contract";

export interface EventBusOptions {
  /** The file that keeps every event, one JSON object a line, as EventBridge would deliver it. */
  readonly file: string;
  readonly accountId: string;
  readonly region: string;
  log(message: string): void;
}

/** An event in the form that EventBridge delivers (Amazon EventBridge User Guide, "Events"). */
export interface Envelope {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** To the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

type BusListener = (event: AwsEvent, envelope: Envelope) => void;

/** What the local services publish: told to those in this process who listen, and kept in a file. */
export class EventBus {
  private readonly listeners = new Set<BusListener>();
  private written: Promise<void> = Promise.resolve();

  constructor(private readonly options: EventBusOptions) {}

  /** Tells the listeners at once, in the order in which they came. A listener that throws is logged and hurts nobody. */
  readonly publish: EventSink = (event) => {
    const enveloped = envelope(event, this.options);
    const line = `${JSON.stringify(enveloped)}\n`;
    this.written = this.written
      .then(() => appendFile(this.options.file, line))
      .catch((error: Error) => this.options.log(`events: ${error.message}`));
    for (const listener of [...this.listeners]) {
      try {
        listener(event, enveloped);
      } catch (error) {
        this.options.log(`a listener failed on ${event.source} ${event.detailType}: ${String(error)}`);
      }
    }
  };

  /** Returns how to stop listening. */
  readonly subscribe = (listener: BusListener): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Resolves when every event is in the file. */
  async close(): Promise<void> {
    this.listeners.clear();
    await this.written;
  }
}

/** An event as it is delivered; its id is a new one. */
export function envelope(event: AwsEvent, at: { readonly accountId: string; readonly region: string }): Envelope {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": event.detailType,
    source: event.source,
    account: at.accountId,
    time: event.time.toISOString().replace(/\.\d+Z$/, "Z"),
    region: at.region,
    resources: event.resources,
    detail: event.detail,
  };
}
