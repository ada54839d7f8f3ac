import { messageOf, Problem } from "../problem";
import { type CommandResult, ok } from "../result";
import { type DeadLetter, type DeadLetters, type RollbackFunction } from "./ports";

/** Most letters that one command looks at: more than that is an outage, not a list. */
const mostListed = 100;
const batch = 10;
/** Longer than the rollback function may run: nobody else takes a letter that is being handed to it. */
const hiddenWhileRedriven = 16 * 60;
const hiddenWhileListed = 30;

/** What is in the queue, without removing anything. */
export async function listDeadLetters(letters: DeadLetters): Promise<CommandResult> {
  const found: DeadLetter[] = [];
  try {
    while (found.length < mostListed) {
      const more = await letters.receive(batch, hiddenWhileListed);
      if (more.length === 0) break;
      found.push(...more);
    }
  } finally {
    await letters.giveBack(found);
  }
  const described = found.map(describe);
  if (described.length === 0) return ok({ letters: described }, ["no event is left over"]);
  return ok(
    { letters: described },
    described.map(
      ({ id, time, source, detailType, error }) => `${time}  ${detailType}  from ${source}: ${error}  (${id})`,
    ),
  );
}

/** Hands each letter to the function again. One that the function takes is removed; the others stay. */
export async function redriveDeadLetters(letters: DeadLetters, target: RollbackFunction): Promise<CommandResult> {
  const taken: string[] = [];
  const left: { readonly letter: DeadLetter; readonly because: string }[] = [];
  try {
    for (;;) {
      const [letter] = await letters.receive(1, hiddenWhileRedriven);
      if (letter === undefined) break;
      const because = await refusal(letter, target);
      if (because === undefined) {
        await letters.remove(letter);
        taken.push(letter.id);
      } else {
        left.push({ letter, because });
      }
    }
  } finally {
    await letters.giveBack(left.map(({ letter }) => letter));
  }
  return {
    ending: left.length === 0 ? "ok" : "failed",
    document: { taken, left: left.map(({ letter: { id }, because }) => ({ id, because })) },
    lines: [
      `${taken.length} events were taken, ${left.length} are left`,
      ...left.map(({ letter: { id }, because }) => `  ${id}: ${because}`),
    ],
  };
}

/** Why the function did not take it; undefined: it did. */
async function refusal({ body }: DeadLetter, target: RollbackFunction): Promise<string | undefined> {
  const event = parsed(body);
  if (event === undefined) return "its body is not JSON";
  try {
    await target.invoke(event);
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return messageOf(error);
    throw error;
  }
}

/** EventBridge names the rule and its own error; Lambda's attributes are of the function that gave up. */
function describe({ id, body, sentAt, attributes }: DeadLetter) {
  const event = parsed(body) as { readonly "detail-type"?: unknown } | null | undefined;
  const detailType = event?.["detail-type"];
  const { RULE_ARN: rule, ERROR_CODE: code, ERROR_MESSAGE: message, ErrorCode, ErrorMessage } = attributes;
  const error = [code ?? ErrorCode, message ?? ErrorMessage].filter((part) => part !== undefined).join(": ");
  return {
    id,
    time: sentAt.toISOString(),
    source: rule === undefined ? "the function" : `rule ${rule.slice(rule.lastIndexOf("/") + 1)}`,
    detailType: typeof detailType === "string" ? detailType : "unknown event",
    error: error === "" ? "no error was given" : error,
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
