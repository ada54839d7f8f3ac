import { z } from "zod";
import { UnreadableItemError } from "../errors";
import { type Notice, NOTICE_EVENTS, NOTICE_TOPICS } from "./domain";

/** The partition of the table's indexes in which notices are found; no environment has this name. */
export const OUTBOX = "outbox";

/** A notice that was delivered is kept for as long as the records that it tells of. */
const LIFETIME_SECONDS = 90 * 24 * 60 * 60;

/** The attributes of the index keys are those of the deployments, so that one table and its indexes serve both. */
export function noticeItem(notice: Notice): Record<string, unknown> {
  return {
    deploymentId: notice.id,
    environment: OUTBOX,
    status: "pending",
    startTime: notice.createdAt,
    topic: notice.topic,
    message: notice.message,
    expiresAt: Math.floor(notice.createdAt / 1000) + LIFETIME_SECONDS,
  };
}

const item = z.object({
  deploymentId: z.string(),
  startTime: z.int().nonnegative(),
  topic: z.enum(NOTICE_TOPICS),
  message: z.looseObject({ event: z.enum(NOTICE_EVENTS), environment: z.string(), timestamp: z.string() }),
});

/** @throws UnreadableItemError that names every mistake and shows the item. */
export function noticeOf(found: unknown): Notice {
  const parsed = item.safeParse(found);
  if (parsed.success) {
    const { deploymentId: id, startTime: createdAt, topic, message } = parsed.data;
    return { id, topic, message, createdAt };
  }
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "the item"}: ${issue.message}`);
  throw new UnreadableItemError("of a notice", found, issues);
}
