import { describe, expect, it } from "@jest/globals";
import { type AlarmSighting, attribute } from "../../../../runtime/rollback/domainAttribution";
import type { DeploymentRecord } from "../../../../runtime/deployments/domain";
import { deploymentRecord } from "../support/deploymentRecord";

const PREFIX = "kiro-worker-production-";
const NAME = `${PREFIX}failures`;
const WINDOW = 60_000;
const CHANGING = 1_010_000;
const ENDED = 1_500_000;

const alarm = (over: Partial<AlarmSighting> = {}): AlarmSighting => ({
  name: NAME,
  state: "ALARM",
  since: CHANGING + 1,
  ...over,
});
const of = (alarms: readonly AlarmSighting[], record: Partial<DeploymentRecord> = {}) =>
  attribute(alarms, deploymentRecord(record), PREFIX, WINDOW);

describe("an alarm is the deployment's doing", () => {
  it.each<[string, Partial<AlarmSighting>, Partial<DeploymentRecord>]>([
    ["from the moment in which it began to change the environment", { since: CHANGING }, {}],
    ["while it is changing and nothing is live yet", {}, { phase: "changing", activatedAt: undefined }],
    ["for as long as it has not ended", { since: ENDED * 1000 }, {}],
    ["until the last moment of its watch window", { since: ENDED + WINDOW }, { endTime: ENDED }],
  ])("%s", (_, sighting, record) => {
    expect(of([alarm(sighting)], record)).toEqual({ kind: "attributable", alarms: [alarm(sighting)] });
  });
});

describe("an alarm is not the deployment's doing", () => {
  it.each<[string, Partial<AlarmSighting>, Partial<DeploymentRecord>, string]>([
    [
      "when it belongs to another environment",
      { name: "kiro-worker-production2-failures" },
      {},
      "kiro-worker-production2-failures is no alarm of this environment (kiro-worker-production-…)",
    ],
    ["when it is OK", { state: "OK" }, {}, `${NAME} is OK`],
    ["when it has no data", { state: "INSUFFICIENT_DATA" }, {}, `${NAME} is INSUFFICIENT_DATA`],
    [
      "when it was on before, even if it went off and on again since",
      {},
      { alarmsBefore: [NAME] },
      `${NAME} was in ALARM before production#1000000 started`,
    ],
    ["when it has changed nothing", {}, { changingAt: undefined }, "production#1000000 has changed nothing"],
    [
      "when it went off before it changed anything",
      { since: CHANGING - 1 },
      {},
      `${NAME} went off before production#1000000 changed anything`,
    ],
    [
      "when its watch window was over",
      { since: ENDED + WINDOW + 1 },
      { endTime: ENDED },
      `${NAME} went off when the watch window of production#1000000 was over`,
    ],
  ])("%s", (_, sighting, record, because) => {
    expect(of([alarm(sighting)], record)).toEqual({ kind: "not-attributable", because });
  });

  it("when there is none", () => {
    expect(of([])).toEqual({ kind: "not-attributable", because: "no alarm is in ALARM state" });
  });
});

describe("of several alarms", () => {
  const excused = alarm({ name: `${PREFIX}latency`, state: "OK" });

  it("only those are blamed on it that are its doing", () => {
    expect(of([excused, alarm()])).toEqual({ kind: "attributable", alarms: [alarm()] });
  });

  it("every one is excused by itself", () => {
    expect(of([excused, alarm({ state: "OK" })])).toEqual({
      kind: "not-attributable",
      because: `${PREFIX}latency is OK; ${NAME} is OK`,
    });
  });
});
