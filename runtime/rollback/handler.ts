import type { DeploymentTable } from "../deployments/ports";
import { messageOf } from "../messageOf";
import type { PipelineMetrics } from "../metrics/ports";
import { stageFailedNotice } from "../notices/messages";
import type { NoticeOutbox } from "../notices/ports";
import type { Environment } from "../types";
import { AlarmEventProcessor } from "./alarmEventProcessor";
import type { Answer, RollbackDesk } from "./desk";
import { type EventNames, readEvent, type StageFailure } from "./events";
import { answerRequest, type RequestAnswer } from "./operatorRequest";
import type { RollbackLog, WatchedAlarms } from "./ports";
import { tick } from "./tick";

export interface HandlerPorts {
  readonly desk: Pick<RollbackDesk, "handle" | "dryRun">;
  readonly history: Pick<DeploymentTable, "history">;
  readonly alarms: WatchedAlarms;
  readonly reconcile: (environment: Environment) => Promise<void>;
  readonly notices: Pick<NoticeOutbox, "queue">;
  readonly metrics: Pick<PipelineMetrics, "publishPipelineFailure">;
  /** Delivers what is queued; what cannot be delivered stays queued. */
  readonly deliverNotices: () => Promise<unknown>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: RollbackLog;
}

/**
 * What the Lambda does with one event. Only the operators' request is answered.
 * @throws what a retry could mend; what it could not is kept by the queue of dead letters.
 */
export function makeHandler(
  ports: HandlerPorts,
  names: EventNames,
): (event: unknown) => Promise<RequestAnswer | undefined> {
  const alarms = new AlarmEventProcessor(ports.desk);

  async function act(event: unknown): Promise<RequestAnswer | undefined> {
    const asked = readEvent(event, names);
    switch (asked.kind) {
      case "alarm":
        return tell(await alarms.processAlarmEvent(asked), ports.log);
      case "decide":
        return tell(await ports.desk.handle(asked.environment, asked.trigger), ports.log);
      case "stage-failed":
        return stageFailed(asked.failure, asked.environment, ports);
      case "request":
        return answerRequest(asked.request, ports);
      case "tick":
        await tick(ports, names);
        return undefined;
      case "nothing":
        ports.log.info("nothing to do", { because: asked.because });
        return undefined;
      default:
        return asked satisfies never;
    }
  }

  return async (event) => {
    let answer: RequestAnswer | undefined;
    try {
      answer = await act(event);
    } catch (error) {
      ports.log.warn("the event could not be handled", { error: messageOf(error) });
      await deliverAnyway(ports);
      throw error;
    }
    // Whoever asked gets the answer; an event may come again for what could not be delivered.
    await (answer === undefined ? ports.deliverNotices() : deliverAnyway(ports));
    return answer;
  };
}

/** What goes wrong here must not hide what went wrong, or was done, before; the tick delivers what is still queued. */
async function deliverAnyway({ deliverNotices, log }: HandlerPorts): Promise<void> {
  try {
    await deliverNotices();
  } catch (error) {
    log.warn("notices were not delivered", { error: messageOf(error) });
  }
}

/**
 * A failed stage may end a deployment. Where it does not (Source, Build, a deployment that was refused before it began)
 * nobody else tells of it, so this does; each failure is told and counted once.
 */
async function stageFailed(
  failure: StageFailure,
  environment: Environment | undefined,
  { desk, notices, metrics, now, log }: HandlerPorts,
): Promise<undefined> {
  const { executionId, stage } = failure;
  const trigger = { kind: "stage", executionId, outcome: "failed" } as const;
  const answer = environment && (await desk.handle(environment, trigger));
  if (answer !== undefined) tell(answer, log);
  const toldBy = answer === undefined || answer.decision.kind === "ignore" ? "pending" : "sent";
  const queued = await notices.queue(stageFailedNotice(failure, now()), toldBy);
  if (queued === "queued") await metrics.publishPipelineFailure(stage);
}

function tell({ environment, decision, run }: Answer, log: RollbackLog): undefined {
  const { kind, because } = decision;
  log.info("decided", { environment, decision: kind, because, run: run?.kind });
}
