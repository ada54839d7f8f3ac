import { messageOf } from "../messageOf";
import { type Environment, ENVIRONMENTS } from "../types";
import type { Answer, RollbackDesk } from "./desk";
import type { EventNames } from "./events";
import type { RollbackLog, WatchedAlarms } from "./ports";

interface TickPorts {
  readonly desk: Pick<RollbackDesk, "handle">;
  readonly alarms: WatchedAlarms;
  /** Before anything is decided: nobody is blamed for what does not run. */
  readonly reconcile: (environment: Environment) => Promise<void>;
  readonly log: RollbackLog;
}

/**
 * Looks at every environment, production first, so that a lost event costs a minute and nothing stays unfinished. One
 * that fails does not keep the others from being looked at.
 *
 * @throws AggregateError that says what failed where: logs show its message alone.
 */
export async function tick(
  { desk, alarms, reconcile, log }: TickPorts,
  names: Pick<EventNames, "alarmPrefix">,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const failures: { readonly environment: Environment; readonly error: unknown }[] = [];
  for (const environment of [...ENVIRONMENTS].reverse()) {
    try {
      await reconcile(environment);
      const sightings = await alarms.sightings(names.alarmPrefix[environment]);
      const answer = await desk.handle(environment, { kind: "tick", alarms: sightings });
      answers.push(answer);
      if (answer.decision.kind !== "ignore") log.info("tick", { environment, decision: answer.decision.kind });
    } catch (error) {
      failures.push({ environment, error });
    }
  }
  if (failures.length === 0) return answers;
  const told = failures.map(({ environment, error }) => `${environment}: ${messageOf(error)}`);
  throw new AggregateError(
    failures.map(({ error }) => error),
    `the tick failed in ${told.join("; ")}`,
  );
}
