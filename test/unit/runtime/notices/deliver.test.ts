import { beforeEach, describe, expect, it } from "@jest/globals";
import { deliverNotices } from "../../../../runtime/notices/deliver";
import type { Notice, NoticeTopic } from "../../../../runtime/notices/domain";

const NOW = 77;

/** An outbox in memory, and a channel that refuses what it is told to. */
class Post {
  readonly waiting: Notice[] = [];
  readonly arrived: string[] = [];
  readonly marked: [string, number][] = [];
  readonly warnings: [string, unknown][] = [];
  refused: (notice: Notice) => boolean = () => false;
  unmarkable: (notice: Notice) => boolean = () => false;

  async pending() {
    return [...this.waiting];
  }

  async markSent(notice: Notice, at: number) {
    if (this.unmarkable(notice)) throw new Error("throttled");
    this.marked.push([notice.id, at]);
    this.waiting.splice(this.waiting.indexOf(notice), 1);
  }

  async send(notice: Notice) {
    if (this.refused(notice)) throw new Error("no such topic");
    this.arrived.push(notice.id);
  }

  warn(message: string, details: unknown) {
    this.warnings.push([message, details]);
  }
}

const notice = (id: string, topic: NoticeTopic = "deployments"): Notice => ({
  id,
  topic,
  createdAt: 1,
  message: { event: "deployment_started", environment: "test", timestamp: "1970-01-01T00:00:00Z" },
});

let post: Post;
const deliver = () => deliverNotices(post, post, () => NOW, post);
beforeEach(() => {
  post = new Post();
});

describe("delivering notices", () => {
  it("sends the oldest first and marks each", async () => {
    post.waiting.push(notice("1"), notice("2"));
    expect(await deliver()).toEqual({ sent: 2, failed: 0 });
    expect(post.arrived).toEqual(["1", "2"]);
    expect(post.marked).toEqual([
      ["1", NOW],
      ["2", NOW],
    ]);
    expect(await deliver()).toEqual({ sent: 0, failed: 0 });
  });

  it("keeps one that cannot be sent, says so, and goes on with the next", async () => {
    post.waiting.push(notice("1"), notice("2"));
    post.refused = ({ id }) => id === "1";
    expect(await deliver()).toEqual({ sent: 1, failed: 1 });
    expect(post.warnings).toEqual([
      ["a notice was not delivered", { notice: "1", topic: "deployments", error: "no such topic" }],
    ]);
    post.refused = () => false;
    expect(await deliver()).toEqual({ sent: 1, failed: 0 });
    expect(post.arrived).toEqual(["2", "1"]);
  });

  it("sends one again that could not be marked: at least once", async () => {
    post.waiting.push(notice("1"));
    post.unmarkable = () => true;
    expect(await deliver()).toEqual({ sent: 0, failed: 1 });
    post.unmarkable = () => false;
    expect(await deliver()).toEqual({ sent: 1, failed: 0 });
    expect(post.arrived).toEqual(["1", "1"]);
  });

  it("takes a part of a large backlog at a time", async () => {
    post.waiting.push(...Array.from({ length: 60 }, (_, n) => notice(String(n))));
    expect([await deliver(), await deliver(), await deliver()].map(({ sent }) => sent)).toEqual([25, 25, 10]);
    expect(post.arrived).toEqual(Array.from({ length: 60 }, (_, n) => String(n)));
  });

  it("is not held up in one topic by the other one", async () => {
    post.waiting.push(...Array.from({ length: 60 }, (_, n) => notice(String(n))), notice("urgent", "rollbacks"));
    post.refused = ({ topic }) => topic === "deployments";
    expect(await deliver()).toEqual({ sent: 1, failed: 25 });
    expect(post.arrived).toEqual(["urgent"]);
  });
});
