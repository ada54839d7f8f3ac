import { ConcurrentUpdateError } from "@pulumi/pulumi/automation";
import { messageOf, Problem } from "../problem";
import { type Progress } from "../progress";
import { type EngineFailure, EventReader, nameOf } from "./events";
import { type EngineOptions } from "./port";

type Hooks = Pick<EngineOptions, "onEvent" | "onError">;

/** A run of the engine that ended badly, with what its events said about it. */
export class EngineProblem extends Problem {
  constructor(
    operation: string,
    readonly failures: readonly EngineFailure[],
    cause: unknown,
    /** The program does not do what the plan says, and no resource was begun to be changed. */
    readonly stalePlan = false,
  ) {
    super("failed", { what: `${operation} failed${listed(failures.map(describeFailure))}` }, { cause });
    this.name = "EngineProblem";
  }

  override get details() {
    return { failures: this.failures };
  }
}

/**
 * Runs one operation of the engine as a named step. Errors are taken from the engine's events; where there are none
 * (denied state or key) from stderr, because the Automation API's own message repeats the whole output twice.
 *
 * @throws EngineProblem with every failure; Problem `busy` when another update holds the stack.
 */
export async function runEngine<T>(
  name: string,
  progress: Progress,
  operation: (hooks: Hooks) => Promise<T>,
): Promise<{ readonly result: T; readonly events: EventReader }> {
  const events = new EventReader((text) => progress.line(text), name.includes("preview"));
  const stderr: string[] = [];
  try {
    const result = await progress.step(name, () =>
      operation({ onEvent: events.read, onError: (text) => void stderr.push(text) }),
    );
    return { result, events };
  } catch (error) {
    if (error instanceof ConcurrentUpdateError) {
      throw new Problem(
        "busy",
        {
          what: `${name}: another update holds the stack: ${holderIn(stderr.join(""))}`,
          remedy: "Wait for it to end; only when its process is proven dead, `pulumi cancel` frees the stack.",
        },
        { cause: error },
      );
    }
    const told = events.failures;
    const failures = told.length > 0 ? told : [{ message: lastWords(stderr.join(""), error) }];
    throw new EngineProblem(name, failures, error, events.differedFromPlan && events.changes.length === 0);
  }
}

/** One failure follows in the sentence, several stand on lines of their own. */
const listed = (failures: readonly string[]): string =>
  failures.length === 1
    ? `: ${failures[0]}`
    : `, ${failures.length} times:${failures.map((one) => `\n  - ${one}`).join("")}`;

function describeFailure({ urn, message }: EngineFailure): string {
  return urn === undefined ? message : `${nameOf(urn)}: ${message}`;
}

/** Who holds the lock, as the backend says it: the line after "the stack is currently locked by". */
function holderIn(stderr: string): string {
  return /created by .*/.exec(stderr)?.[0] ?? "holder unknown";
}

function lastWords(stderr: string, error: unknown): string {
  const errors = stderr.split("\n").filter((line) => line.startsWith("error:"));
  const lines = errors.length > 0 ? errors : stderr.trim().split("\n").slice(-5);
  const text = lines.join("\n").trim();
  return text === "" ? (messageOf(error).split("\n")[0] ?? "") : text;
}
