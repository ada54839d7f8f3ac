import { setTimeout as sleep } from "node:timers/promises";
import { type Envelope } from "../cloud/eventBus";
import { deadLetterAttributes, nextAttempt, payloadOf, refusal, type Delivery, type DeliveryFailure } from "./delivery";
import { type Addressee, type RelayPorts } from "./emulator";
import { Faults, type RelayMode, type ReleaseOrder } from "./faults";

export { emulatorPorts, type Addressee, type RelayPorts } from "./emulator";
export { type RelayMode, type ReleaseOrder } from "./faults";

/**
 * EventBridge's part of the local cloud: brings each event to the targets of the rules that it matches, at least once.
 * First attempts are made in the order of the events, further ones as each target's RetryPolicy says. What cannot be
 * delivered goes to the target's dead-letter queue and in any case into the log.
 */
export class Relay {
  private readonly faults = new Faults();
  private readonly stopping = new AbortController();
  /** First attempts, one after the other. */
  private line: Promise<void> = Promise.resolve();
  private readonly retries = new Set<Promise<void>>();

  constructor(
    private readonly ports: RelayPorts,
    private readonly log: (message: string) => void,
  ) {}

  /** Takes an event of the default bus. */
  readonly take = (event: Envelope): void => {
    const now = this.faults.take(event);
    if (now.length === 0) this.log(`${nameOf(event)}: held or dropped, as asked for`);
    for (const each of now) this.enqueue(each);
  };

  /** Takes a scheduled event of one rule's target. Faults do not touch these: the schedule is what heals a lost event. */
  takeScheduled(event: Envelope, addressee: Addressee): void {
    this.enqueue(event, addressee);
  }

  /** Sets what happens to events; resolves when those that this lets go have been delivered, with their number. */
  async change(mode: RelayMode, order?: ReleaseOrder): Promise<number> {
    const released = this.faults.change(mode, order);
    for (const event of released) this.enqueue(event);
    await this.line;
    return released.length;
  }

  /** Resolves when nothing is under way any more; what was waiting is named in the log. */
  async stop(): Promise<void> {
    for (const event of this.faults.waiting)
      this.log(`${nameOf(event)}: LOST, it was held when the local cloud stopped`);
    this.stopping.abort();
    await this.line;
    await Promise.all(this.retries);
    this.ports.close();
  }

  private enqueue(event: Envelope, addressee?: Addressee): void {
    const since = Date.now();
    this.line = this.line
      .then(async () => {
        for (const delivery of await this.ports.deliveriesOf(event, addressee))
          await this.attempt(event, delivery, since);
      })
      .catch((error: Error) => this.log(`${nameOf(event)}: LOST, its rules cannot be found: ${error.message}`));
  }

  private async attempt(event: Envelope, delivery: Delivery, since: number, retries = 0): Promise<void> {
    const { target } = delivery;
    const refused = refusal(delivery);
    if (refused) return this.giveUp(event, delivery, refused, 0);
    const failure = await this.ports.send(target.Arn, payloadOf(event, target));
    if (failure === undefined) return;
    if (failure.final) return this.giveUp(event, delivery, failure, retries);
    const next = nextAttempt(target, retries, Date.now() - since);
    if ("exhausted" in next) return this.giveUp(event, delivery, failure, retries, next.exhausted);
    this.log(`${nameOf(event)} to ${target.Arn}: ${failure.message}; the next attempt is in ${next.pauseMs} ms`);
    this.retryLater(event, delivery, since, retries + 1, next.pauseMs);
  }

  private retryLater(event: Envelope, delivery: Delivery, since: number, retries: number, pauseMs: number): void {
    const retry = (async () => {
      try {
        await sleep(pauseMs, undefined, { signal: this.stopping.signal });
      } catch {
        this.log(`${nameOf(event)} to ${delivery.target.Arn}: LOST, the local cloud stopped before the next attempt`);
        return;
      }
      await this.attempt(event, delivery, since, retries);
    })();
    this.retries.add(retry);
    void retry.finally(() => this.retries.delete(retry));
  }

  private async giveUp(
    event: Envelope,
    delivery: Delivery,
    failure: DeliveryFailure,
    retries: number,
    exhausted?: string,
  ): Promise<void> {
    const queue = delivery.target.DeadLetterConfig?.Arn;
    const what = `${nameOf(event)} to ${delivery.target.Arn}: not delivered (${failure.code}: ${failure.message})`;
    if (queue === undefined) return this.log(`${what}; LOST, the target has no dead-letter queue`);
    if (!delivery.deadLetters?.allowed) {
      return this.log(`${what}; LOST, ${queue} does not exist or its policy does not let events.amazonaws.com in`);
    }
    try {
      const attributes = deadLetterAttributes(delivery, failure, retries, exhausted);
      await this.ports.sendToQueue(queue, JSON.stringify(event), attributes);
      this.log(`${what}; it is in ${queue}`);
    } catch (error) {
      this.log(`${what}; LOST, ${queue} refuses it: ${(error as Error).message}`);
    }
  }
}

function nameOf(event: Envelope): string {
  return `event ${event.id} (${event.source} ${event["detail-type"]})`;
}
