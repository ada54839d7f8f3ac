import { describe, expect, it } from "@jest/globals";
import { UnreadableItemError } from "../../../../runtime/errors";
import { noticeItem, noticeOf } from "../../../../runtime/notices/items";
import { deploymentStartedNotice } from "../../../../runtime/notices/messages";
import { deploymentRecord } from "../support/deploymentRecord";

const NOTICE = deploymentStartedNotice(deploymentRecord(), 1_000_999);

describe("the item of a notice", () => {
  it("is found in the outbox by its time, and expires with the records that it tells of", () => {
    expect(noticeItem(NOTICE)).toEqual({
      deploymentId: "production#1000000#deployment_started",
      environment: "outbox",
      status: "pending",
      startTime: 1_000_999,
      topic: "deployments",
      message: NOTICE.message,
      expiresAt: 1_000 + 90 * 24 * 3_600,
    });
  });

  it("reads as the notice that it was", () => {
    expect(noticeOf(noticeItem(NOTICE))).toEqual(NOTICE);
  });

  it("keeps what a later version says beside it", () => {
    const item = { ...noticeItem(NOTICE), message: { ...NOTICE.message, region: "us-east-1" } };
    expect(noticeOf(item).message).toEqual({ ...NOTICE.message, region: "us-east-1" });
  });

  it("that is unreadable is shown, with every mistake", () => {
    const read = () => noticeOf({ ...noticeItem(NOTICE), topic: "all", startTime: -1 });
    expect(read).toThrow(UnreadableItemError);
    expect(read).toThrow(/item of a notice .*startTime: .*topic: .*production#1000000#deployment_started/);
    expect(() => noticeOf("a text")).toThrow("the item: ");
  });
});
