import { describe, expect, it } from "@jest/globals";
import { parseEmulatorEvent, parseRelayRequest } from "../../../../local/relay/messages";

const TOLD = {
  source: "aws.cloudwatch",
  detailType: "CloudWatch Alarm State Change",
  account: "000000000000",
  region: "us-east-1",
  time: 1.5,
  resources: ["arn"],
  detail: { alarmName: "a" },
};

describe("what the emulator tells", () => {
  it("is an event for the bus", () => {
    const { source, detailType, resources, detail, account, region } = TOLD;
    expect(parseEmulatorEvent(TOLD)).toEqual({
      event: { source, detailType, resources, detail, time: new Date(1500) },
      account,
      region,
      addressee: undefined,
    });
  });

  it("or one for a target of a rule", () => {
    const delivery = { rule: "tick", targetId: "t" };
    expect(parseEmulatorEvent({ ...TOLD, delivery }).addressee).toEqual(delivery);
  });

  it("is refused when something is missing", () => {
    expect(() => parseEmulatorEvent({ ...TOLD, source: undefined })).toThrow("source");
  });
});

describe("a request to the relay", () => {
  it.each([
    [{ mode: "normal" }, { mode: { kind: "normal" } }],
    [
      { mode: "normal", release: "reversed" },
      { mode: { kind: "normal" }, order: "reversed" },
    ],
    [{ mode: "hold" }, { mode: { kind: "hold" } }],
    [{ mode: "drop", detailType: "T" }, { mode: { kind: "drop", detailType: "T" } }],
    [{ mode: "duplicate", times: 10 }, { mode: { kind: "duplicate", times: 10 } }],
  ])("%j", (body, expected) => {
    expect(parseRelayRequest(body)).toEqual(expected);
  });

  it.each([
    { mode: "off" },
    { mode: "duplicate" },
    { mode: "duplicate", times: 1 },
    { mode: "hold", release: "reversed" },
  ])("%j is refused", (body) => {
    expect(() => parseRelayRequest(body)).toThrow();
  });
});
