import type { Notice } from "./domain";

/** Notices that were written beside what they tell, until they are delivered. */
export interface NoticeOutbox {
  /** The oldest first; eventually consistent: what was just written may come at the next look. */
  pending(): Promise<readonly Notice[]>;
  /**
   * Queues one on its own; `known` when its id was queued before.
   * @param as `sent`: it is remembered and not delivered, because something else told the same.
   */
  queue(notice: Notice, as?: "pending" | "sent"): Promise<"queued" | "known">;
  markSent(notice: Notice, at: number): Promise<void>;
}

/** Where notices go. */
export interface NoticeChannel {
  send(notice: Notice): Promise<void>;
}
