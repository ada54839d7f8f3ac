import { type Ending } from "./exitCodes";

export interface Said {
  /** What is wrong, as a sentence. */
  readonly what: string;
  /** The value that was got. Never a secret. */
  readonly value?: string;
  readonly allowed?: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** A command cannot go on, and the user can do something about it. Everything else that is thrown is a bug or the world. */
export class Problem extends Error {
  constructor(
    readonly ending: Exclude<Ending, "ok">,
    readonly said: Said,
    options?: ErrorOptions,
  ) {
    super(sentence(said), options);
    this.name = "Problem";
  }

  /** What `--json` tells beside the sentence. */
  get details(): Readonly<Record<string, unknown>> {
    return {};
  }
}

function sentence({ what, value, allowed, remedy }: Said): string {
  const got = value === undefined ? "" : ` Got: ${value}.`;
  const may = allowed === undefined ? "" : ` Allowed: ${allowed}.`;
  const then = remedy === undefined ? "" : ` ${remedy}`;
  return `${what.replace(/[.]$/, "")}.${got}${may}${then}`;
}

/** The text of whatever was thrown, without a stack; a refusal of AWS begins with its code, which is what one looks up. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message === "") return error.name;
  return "$metadata" in error ? `${error.name}: ${error.message}` : error.message;
}
