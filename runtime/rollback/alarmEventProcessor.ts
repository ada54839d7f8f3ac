import type { Answer, RollbackDesk } from "./desk";
import type { AlarmEvent } from "./events";

/** Takes alarms of a worker to the decision whether a deployment is to blame. */
export class AlarmEventProcessor {
  constructor(private readonly desk: Pick<RollbackDesk, "handle">) {}

  processAlarmEvent({ environment, alarm }: AlarmEvent): Promise<Answer> {
    return this.desk.handle(environment, { kind: "alarm", alarm });
  }
}
