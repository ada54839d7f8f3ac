import { Problem } from "./problem";

export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads environment variables into one validated object.
 * @throws Problem `usage` that names every variable that is missing or wrong.
 */
export function readVariables<T>(env: Env, read: (variables: Variables) => T): T {
  const variables = new Variables(env);
  const settings = read(variables);
  if (variables.mistakes.length === 0) return settings;
  throw new Problem("usage", {
    what: `The environment of this build is incomplete: ${variables.mistakes.join("; ")}`,
    remedy: "This command runs in the installation's CodeBuild projects, which set these variables.",
  });
}

/** Collects every mistake; what it returns for a mistaken variable is never used. */
export class Variables {
  readonly mistakes: string[] = [];

  constructor(private readonly env: Env) {}

  text(name: string, pattern = /./s, allowed = "some text"): string {
    const value = this.env[name] ?? "";
    if (!pattern.test(value)) {
      this.mistakes.push(`${name} is ${value === "" ? "not set" : `"${value}"`}, allowed: ${allowed}`);
    }
    return value;
  }

  oneOf<const T extends string>(name: string, allowed: readonly [T, ...T[]]): T {
    const value = this.text(name, new RegExp(`^(${allowed.join("|")})$`), allowed.join(", "));
    return allowed.find((one) => one === value) ?? allowed[0];
  }

  sha256(name: string): string {
    return this.text(name, /^[0-9a-f]{64}$/, "a SHA-256 in lower-case hex");
  }

  accountId(name: string): string {
    return this.text(name, /^\d{12}$/, "12 digits");
  }

  number(name: string): number {
    return Number(this.text(name, /^\d+(\.\d+)?$/, "a number"));
  }

  /** Whole or broken seconds, as milliseconds. */
  seconds(name: string): number {
    return Number(this.text(name, /^\d+(\.\d+)?$/, "a number of seconds")) * 1000;
  }
}
