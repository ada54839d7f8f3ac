import type { Notice, NoticeEvent } from "../notices/domain";
import type { NoticeChannel } from "../notices/ports";
import type { Incidents } from "./ports";

/** What no rule of the system may end, and how bad it is (1 is worst). */
const SEVERITY: Readonly<Partial<Record<NoticeEvent, "1" | "2">>> = {
  rollback_failed: "1",
  attention_needed: "2",
};

/**
 * Opens an incident for what needs a human before the notice of it is sent. As the notice is delivered at least once,
 * so is the incident opened, once by its key.
 */
export function withIncidents(incidents: Incidents, channel: NoticeChannel): NoticeChannel {
  return {
    async send(notice: Notice): Promise<void> {
      const severity = SEVERITY[notice.message.event];
      if (severity !== undefined) await incidents.open({ ...described(notice), severity });
      await channel.send(notice);
    },
  };
}

function described({ id, message }: Notice) {
  const { environment, event, reason, remedy } = message;
  return {
    deduplicationKey: id,
    title: `${environment}: ${event.replace("_", " ")}`,
    description: [reason, remedy].filter((text) => text !== undefined).join("\n\n"),
  };
}
