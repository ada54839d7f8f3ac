import { beforeEach, describe, expect, it } from "@jest/globals";
import { ZodError } from "zod";
import type { Notice } from "../../../../runtime/notices/domain";
import type { Answer } from "../../../../runtime/rollback/desk";
import type { Decision, Trigger } from "../../../../runtime/rollback/domain";
import { type HandlerPorts, makeHandler } from "../../../../runtime/rollback/handler";
import type { Environment } from "../../../../runtime/types";
import { beginning } from "../../../property/runtime/rollback/happenings";
import { BAD, GOOD, World } from "../../../property/runtime/rollback/world";
import { deploymentRecord } from "../support/deploymentRecord";
import { RecordedLog } from "./support/bench";
import { alarmEvent, buildEvent, NAMES, requestEvent, stageEvent, TICK } from "./support/events";

const NOW = 1_130_500;
const IGNORE: Decision = { kind: "ignore", because: "no deployment of execution execution-b is open here" };
const RELEASE: Decision = { kind: "release-lock", record: deploymentRecord(), because: "its stage failed" };

let handled: [Environment, Trigger][];
let reconciled: Environment[];
let decision: Decision;
let log: RecordedLog;
let outbox: Map<string, { readonly notice: Notice; readonly as: string }>;
let counted: string[];
let deliveries: number;
/** What a desk of its own would answer. */
const answer = async (environment: Environment, trigger: Trigger): Promise<Answer> => {
  handled.push([environment, trigger]);
  return { environment, decision };
};
beforeEach(() => {
  handled = [];
  reconciled = [];
  decision = IGNORE;
  log = new RecordedLog();
  outbox = new Map();
  counted = [];
  deliveries = 0;
});

function handler(over: Partial<HandlerPorts> = {}) {
  return makeHandler(
    {
      desk: { handle: answer, dryRun: answer },
      history: { history: async () => ({ records: [] }) },
      alarms: { sightings: async () => [] },
      reconcile: async (environment) => void reconciled.push(environment),
      notices: {
        queue: async (notice, as = "pending") => {
          if (outbox.has(notice.id)) return "known";
          outbox.set(notice.id, { notice, as });
          return "queued";
        },
      },
      metrics: { publishPipelineFailure: async (stage) => void counted.push(stage) },
      deliverNotices: async () => void (deliveries += 1),
      now: () => NOW,
      log,
      ...over,
    },
    NAMES,
  );
}

describe("the handler", () => {
  it("takes an alarm to the decision, and logs what came of it", async () => {
    expect(await handler()(alarmEvent())).toBeUndefined();
    expect(handled).toMatchObject([
      ["production", { kind: "alarm", alarm: { name: "kiro-worker-production-failed-jobs", state: "ALARM" } }],
    ]);
    expect(log.lines).toEqual([
      ["info", "decided", { environment: "production", decision: "ignore", because: IGNORE.because, run: undefined }],
    ]);
  });

  it.each([
    ["an alarm of no worker", alarmEvent({ alarmName: "billing" })],
    ["an alarm that went off", alarmEvent({ state: { value: "OK", timestamp: "2026-11-25T10:00:00Z" } })],
    ["another pipeline's stage", stageEvent({ pipeline: "payroll" })],
    ["a build that has only begun", buildEvent({ "build-status": "IN_PROGRESS" })],
    ["an event that nobody knows", { source: "aws.ec2", "detail-type": "Spot Interruption", detail: {} }],
  ])("ignores %s, and says why", async (_, event) => {
    expect(await handler()(event)).toBeUndefined();
    expect(handled).toEqual([]);
    expect(log.lines).toEqual([["info", "nothing to do", { because: expect.any(String) }]]);
  });

  it("takes a build's end and a stopped stage to the decision", async () => {
    await handler()(buildEvent());
    await handler()(stageEvent({ state: "STOPPED" }));
    expect(handled).toEqual([
      ["production", { kind: "build", buildId: "deploy-production:1" }],
      ["production", { kind: "stage", executionId: "execution-b", outcome: "stopped" }],
    ]);
    expect([...outbox.keys(), ...counted]).toEqual([]);
  });

  it("looks at every environment at a tick", async () => {
    expect(await handler()(TICK)).toBeUndefined();
    expect(handled.map(([environment, { kind }]) => [environment, kind])).toEqual([
      ["production", "tick"],
      ["staging", "tick"],
      ["test", "tick"],
    ]);
    expect(reconciled).toEqual(["production", "staging", "test"]);
  });

  it("answers an operators' request, and nothing else", async () => {
    decision = RELEASE;
    expect(await handler()(requestEvent())).toMatchObject({
      environment: "production",
      decision: { kind: "release-lock", deploymentId: "production#1000000" },
    });
  });

  it("delivers what is queued after every event, even one that could not be handled", async () => {
    const deliverNotices = async () => void (deliveries += handled.length);
    const deliver = handler({ deliverNotices });
    await deliver(alarmEvent());
    expect(deliveries).toBe(1);
    await expect(deliver("text")).rejects.toThrow(ZodError);
    expect(deliveries).toBe(2);
  });

  it("takes a real bad release back at a real alarm", async () => {
    const world = await beginning(new World(), "baking", false);
    world.now = Date.UTC(2026, 10, 25, 9);
    for (const record of await world.records()) {
      if (record.version === BAD && record.environment === "production")
        world.table.items.set(record.deploymentId, { ...record, changingAt: world.now - 1_000 });
    }
    await handler({ desk: world.desk(), now: world.clock })(alarmEvent());
    expect(world.pointers.get("production")?.version).toBe(GOOD);
    expect(log.lines).toMatchObject([["info", "decided", { decision: "roll-back", run: "waiting" }]]);
  });
});

describe("the handler throws", () => {
  it.each([
    ["an alarm", alarmEvent(), "Throttled"],
    ["a failed stage", stageEvent(), "Throttled"],
    ["a tick", TICK, "the tick failed in production: Throttled; staging: Throttled; test: Throttled"],
    ["a request", requestEvent(), "Throttled"],
  ])("what a retry could mend of %s, and logs it", async (_, event, error) => {
    const broken = () => Promise.reject(new Error("Throttled"));
    await expect(handler({ desk: { handle: broken, dryRun: broken } })(event)).rejects.toThrow(error);
    expect(log.lines).toEqual([["warn", "the event could not be handled", { error }]]);
    expect([...outbox.keys(), ...counted, deliveries]).toEqual([1]);
  });

  it("for an event that is not as it is documented: a queue keeps it for people", async () => {
    await expect(handler()(alarmEvent({ alarmName: undefined }))).rejects.toThrow(ZodError);
  });

  it("when what is queued cannot be read", async () => {
    const deliverNotices = () => Promise.reject(new Error("no table"));
    await expect(handler({ deliverNotices })(alarmEvent())).rejects.toThrow("no table");
  });

  it("what went wrong first, though what is queued cannot be read either", async () => {
    const deliverNotices = () => Promise.reject(new Error("no table"));
    const broken = () => Promise.reject(new Error("Throttled"));
    await expect(handler({ deliverNotices, desk: { handle: broken, dryRun: broken } })(TICK)).rejects.toThrow(
      "Throttled",
    );
    expect(log.lines.at(-1)).toEqual(["warn", "notices were not delivered", { error: "no table" }]);
  });

  it("nothing away that was asked for: whoever asked gets the answer", async () => {
    const deliverNotices = () => Promise.reject(new Error("no table"));
    expect(await handler({ deliverNotices })(requestEvent())).toMatchObject({ decision: { kind: "ignore" } });
    expect(log.lines).toEqual([["warn", "notices were not delivered", { error: "no table" }]]);
  });

  it("not because a rollback failed: that is its result", async () => {
    const run = { kind: "ended", result: { success: false, level: "none" }, record: deploymentRecord() } as const;
    const desk = {
      handle: async (environment: Environment) => ({ environment, decision: RELEASE, run }),
      dryRun: answer,
    };
    expect(await handler({ desk })(alarmEvent())).toBeUndefined();
    expect(log.lines).toMatchObject([["info", "decided", { run: "ended" }]]);
    expect(await handler({ desk })(requestEvent())).toMatchObject({ result: { success: false, level: "none" } });
  });
});

describe("a failed stage", () => {
  it.each(["Source", "Build"])("before any environment is told and counted: %s", async (stage) => {
    await handler()(stageEvent({ stage }));
    expect(handled).toEqual([]);
    expect([...outbox]).toEqual([
      [
        `pipeline#execution-b#${stage}#1`,
        {
          as: "pending",
          notice: {
            id: `pipeline#execution-b#${stage}#1`,
            topic: "deployments",
            createdAt: NOW,
            message: {
              event: "deployment_failed",
              environment: "none",
              timestamp: "1970-01-01T00:18:50Z",
              pipelineExecutionId: "execution-b",
              reason: `stage ${stage} failed`,
            },
          },
        },
      ],
    ]);
    expect(counted).toEqual([stage]);
  });

  it("is told and counted once, however often its event comes", async () => {
    const twice = handler();
    for (let time = 0; time < 3; time++) await twice(stageEvent({ stage: "Build" }));
    expect([outbox.size, counted]).toEqual([1, ["Build"]]);
  });

  it("that was retried and failed again is another failure", async () => {
    await handler()(stageEvent({ stage: "Build" }));
    await handler()(stageEvent({ stage: "Build", "pipeline-execution-attempt": 2 }));
    expect([outbox.size, counted]).toEqual([2, ["Build", "Build"]]);
  });

  it("of an environment is told where no deployment tells of it", async () => {
    await handler()(stageEvent());
    expect(handled).toEqual([["production", { kind: "stage", executionId: "execution-b", outcome: "failed" }]]);
    expect([...outbox.values()].map(({ as }) => as)).toEqual(["pending"]);
    expect(counted).toEqual(["ProductionEnv"]);
    expect(log.lines).toMatchObject([["info", "decided", { decision: "ignore" }]]);
  });

  it("that ended a deployment is counted, but the deployment tells of it", async () => {
    decision = RELEASE;
    for (let time = 0; time < 2; time++) await handler()(stageEvent());
    expect([...outbox.values()].map(({ as }) => as)).toEqual(["sent"]);
    expect(counted).toEqual(["ProductionEnv"]);
  });
});
