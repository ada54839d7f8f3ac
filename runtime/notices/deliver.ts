import { messageOf } from "../messageOf";
import type { RollbackLog } from "../rollback/ports";
import { type Notice, NOTICE_TOPICS } from "./domain";
import type { NoticeChannel, NoticeOutbox } from "./ports";

/** Most notices of one topic in one call: a topic that takes none must neither hold up the other one nor the caller. */
const MOST_PER_TOPIC = 25;

export interface Delivery {
  readonly sent: number;
  readonly failed: number;
}

/**
 * Sends what is pending, the oldest of each topic first. At least once: a notice that was sent and could not be marked
 * is sent again. One that fails is logged and stays for the next call.
 *
 * @param now milliseconds since 1970.
 * @throws what the outbox throws when it cannot be read.
 */
export async function deliverNotices(
  outbox: Pick<NoticeOutbox, "pending" | "markSent">,
  channel: NoticeChannel,
  now: () => number,
  log: Pick<RollbackLog, "warn">,
): Promise<Delivery> {
  async function deliver(notice: Notice): Promise<boolean> {
    try {
      await channel.send(notice);
      await outbox.markSent(notice, now());
      return true;
    } catch (error) {
      log.warn("a notice was not delivered", { notice: notice.id, topic: notice.topic, error: messageOf(error) });
      return false;
    }
  }

  const pending = await outbox.pending();
  const outcomes = await Promise.all(
    NOTICE_TOPICS.map(async (topic) => {
      const done: boolean[] = [];
      const due = pending.filter((notice) => notice.topic === topic).slice(0, MOST_PER_TOPIC);
      for (const notice of due) done.push(await deliver(notice));
      return done;
    }),
  );
  const all = outcomes.flat();
  const sent = all.filter(Boolean).length;
  return { sent, failed: all.length - sent };
}
