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
  ) {
    super("failed", { what: `${operation} failed: ${failures.map(describeFailure).join("; ")}` }, { cause });
    this.name = "EngineProblem";
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
    throw new EngineProblem(name, told.length > 0 ? told : [{ message: lastWords(stderr.join(""), error) }], error);
  }
}

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
