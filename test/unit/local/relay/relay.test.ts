import { describe, expect, it } from "@jest/globals";
import { Relay, type Addressee, type RelayPorts } from "../../../../local/relay";
import { type Delivery, type Target } from "../../../../local/relay/delivery";
import { event } from "./event";

const RULE = "arn:aws:events:us-east-1:000000000000:rule/r";
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f";
const QUEUE = "arn:aws:sqs:us-east-1:000000000000:dead";

type Failure = Awaited<ReturnType<RelayPorts["send"]>>;

/** A cloud with one rule whose target answers what it is told to, in this order, and then takes everything. */
class Cloud implements RelayPorts {
  readonly sent: string[] = [];
  readonly dead: { arn: string; body: string; attributes: Readonly<Record<string, string>> }[] = [];
  readonly log: string[] = [];
  readonly addressees: (Addressee | undefined)[] = [];
  failures: Failure[] = [];
  delivery: Delivery;
  broken: Error | undefined;
  queueRefuses: Error | undefined;
  closed = false;
  readonly relay = new Relay(this, (message) => this.log.push(message));

  constructor(target: Partial<Target> = {}, policies: Partial<Delivery> = {}) {
    this.delivery = { ruleArn: RULE, target: { Id: "t", Arn: FUNCTION, ...target }, exists: true, allowed: true };
    this.delivery = { ...this.delivery, ...policies };
  }

  async deliveriesOf(_event: unknown, addressee?: Addressee): Promise<readonly Delivery[]> {
    this.addressees.push(addressee);
    if (this.broken) return Promise.reject(this.broken);
    return Promise.resolve([this.delivery]);
  }

  async send(_arn: string, payload: string): Promise<Failure> {
    const failure = this.failures.shift();
    if (failure === undefined) this.sent.push((JSON.parse(payload) as { id: string }).id);
    return Promise.resolve(failure);
  }

  async sendToQueue(arn: string, body: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    if (this.queueRefuses) return Promise.reject(this.queueRefuses);
    this.dead.push({ arn, body, attributes });
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }

  /** Until first attempts are over. */
  async calm(): Promise<void> {
    await this.relay.change({ kind: "normal" });
  }
}

const busy = { code: "THROTTLING", message: "busy", final: false } as const;
const deadLetters = { DeadLetterConfig: { Arn: QUEUE } };
const mayQueue = { deadLetters: { exists: true, allowed: true } };

describe("the relay", () => {
  it("delivers events in their order", async () => {
    const cloud = new Cloud();
    for (const id of ["1", "2", "3"]) cloud.relay.take(event(id));
    await cloud.calm();
    expect(cloud.sent).toEqual(["1", "2", "3"]);
  });

  it("delivers a scheduled event to the one it is for, whatever faults are asked for", async () => {
    const cloud = new Cloud();
    await cloud.relay.change({ kind: "drop" });
    cloud.relay.take(event("lost"));
    cloud.relay.takeScheduled(event("tick"), { rule: "r", targetId: "t" });
    await cloud.calm();
    expect(cloud.sent).toEqual(["tick"]);
    expect(cloud.addressees).toEqual([{ rule: "r", targetId: "t" }]);
    expect(cloud.log).toEqual(["event lost (aws.test Something Happened): held or dropped, as asked for"]);
  });

  it("tries again what may pass", async () => {
    const cloud = new Cloud();
    cloud.failures = [busy];
    cloud.relay.take(event("1"));
    await cloud.calm();
    expect(cloud.log).toEqual([expect.stringContaining("busy; the next attempt is in 250 ms")]);
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(cloud.sent).toEqual(["1"]);
  });

  it("puts into the dead-letter queue what the target's policy gives up, with what AWS says about it", async () => {
    const cloud = new Cloud({ ...deadLetters, RetryPolicy: { MaximumRetryAttempts: 0 } }, mayQueue);
    cloud.failures = [busy];
    cloud.relay.take(event("1"));
    await cloud.calm();
    expect(cloud.dead).toEqual([
      {
        arn: QUEUE,
        body: JSON.stringify(event("1")),
        attributes: {
          RULE_ARN: RULE,
          TARGET_ARN: FUNCTION,
          ERROR_CODE: "THROTTLING",
          ERROR_MESSAGE: "busy",
          RETRY_ATTEMPTS: "0",
          EXHAUSTED_RETRY_CONDITION: "MaximumRetryAttempts",
        },
      },
    ]);
    expect(cloud.log).toEqual([expect.stringContaining(`it is in ${QUEUE}`)]);
  });

  it("tries nothing where the function's policy does not let it in", async () => {
    const cloud = new Cloud(deadLetters, { ...mayQueue, allowed: false });
    cloud.relay.take(event("1"));
    await cloud.calm();
    expect(cloud.sent).toEqual([]);
    expect(cloud.dead[0]?.attributes).toMatchObject({ ERROR_CODE: "NO_PERMISSIONS", RETRY_ATTEMPTS: "0" });
  });

  it("does not try again what is final", async () => {
    const cloud = new Cloud(deadLetters, mayQueue);
    cloud.failures = [{ code: "NO_RESOURCE", message: "gone", final: true }];
    cloud.relay.take(event("1"));
    await cloud.calm();
    expect(cloud.dead[0]?.attributes).toMatchObject({ ERROR_CODE: "NO_RESOURCE" });
  });
});

describe("an event that is lost is named in the log", () => {
  const gone: Failure = { code: "NO_RESOURCE", message: "gone", final: true };

  it.each([
    ["the target has no dead-letter queue", new Cloud()],
    [
      "the queue's policy does not let EventBridge in",
      new Cloud(deadLetters, { deadLetters: { exists: true, allowed: false } }),
    ],
    ["the queue refuses it", Object.assign(new Cloud(deadLetters, mayQueue), { queueRefuses: new Error("full") })],
    ["its rules cannot be found", Object.assign(new Cloud(), { broken: new Error("no emulator") })],
  ])("when %s", async (_why, cloud) => {
    cloud.failures = [gone];
    cloud.relay.take(event("1"));
    await cloud.calm();
    expect(cloud.log).toEqual([expect.stringMatching(/^event 1 \(aws\.test Something Happened\).*LOST/)]);
  });

  it("when the relay stops while it is held, or before its next attempt", async () => {
    const cloud = new Cloud();
    cloud.failures = [busy];
    cloud.relay.take(event("waiting"));
    await cloud.calm();
    await cloud.relay.change({ kind: "hold" });
    cloud.relay.take(event("held"));
    await cloud.relay.stop();
    expect(cloud.closed).toBe(true);
    expect(cloud.log.filter((line) => line.includes("LOST"))).toEqual([
      expect.stringContaining("event held"),
      expect.stringContaining("event waiting"),
    ]);
  });
});
