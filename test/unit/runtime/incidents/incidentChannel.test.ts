import { beforeEach, describe, expect, it } from "@jest/globals";
import { withIncidents } from "../../../../runtime/incidents/incidentChannel";
import type { Incident } from "../../../../runtime/incidents/ports";
import type { Notice, NoticeMessage } from "../../../../runtime/notices/domain";
import { NOTICE_EVENTS } from "../../../../runtime/notices/domain";

/** What happened, in its order. */
let happened: [string, unknown][];
beforeEach(() => {
  happened = [];
});

const notice = (message: Partial<NoticeMessage>): Notice => ({
  id: "production#1#rollback_failed",
  topic: "rollbacks",
  createdAt: 1,
  message: { event: "rollback_failed", environment: "production", timestamp: "1970-01-01T00:00:00Z", ...message },
});
const channel = (open: (incident: Incident) => void = () => undefined) =>
  withIncidents(
    {
      open: async (incident) => {
        open(incident);
        happened.push(["opened", incident]);
      },
    },
    { send: async (sent) => void happened.push(["sent", sent]) },
  );

describe("a notice that needs a human", () => {
  it("opens an incident before it is sent, once by its id", async () => {
    const failed = notice({ reason: "the undo failed", remedy: "look at the build's log" });
    await channel().send(failed);
    expect(happened).toEqual([
      [
        "opened",
        {
          deduplicationKey: "production#1#rollback_failed",
          title: "production: rollback failed",
          description: "the undo failed\n\nlook at the build's log",
          severity: "1",
        },
      ],
      ["sent", failed],
    ]);
  });

  it("is less bad where only somebody has to look", async () => {
    await channel().send(notice({ event: "attention_needed", remedy: "look" }));
    expect(happened[0]).toMatchObject([
      "opened",
      { title: "production: attention needed", description: "look", severity: "2" },
    ]);
  });

  it("is not sent when no incident could be opened: both come with the next delivery", async () => {
    const refused = channel(() => {
      throw new Error("AccessDenied");
    });
    await expect(refused.send(notice({}))).rejects.toThrow("AccessDenied");
    expect(happened).toEqual([]);
  });
});

describe("any other notice", () => {
  const others = NOTICE_EVENTS.filter((event) => event !== "rollback_failed" && event !== "attention_needed");

  it.each(others)("such as %s is only sent", async (event) => {
    await channel().send(notice({ event }));
    expect(happened.map(([what]) => what)).toEqual(["sent"]);
  });
});
